"""The default bundle of this checkout, for measurements and tests."""

from qa.servers import ROOT

DEFAULT_MODEL = ROOT / "models" / "msft"
DEFAULT_BUNDLE = DEFAULT_MODEL / "1"
