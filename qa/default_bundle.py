"""The default bundle of this checkout, for measurements and tests."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DEFAULT_MODEL = ROOT / "models" / "msft"
DEFAULT_BUNDLE = DEFAULT_MODEL / "1"
