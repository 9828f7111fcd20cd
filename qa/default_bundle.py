"""The default bundle of this checkout, for measurements and tests."""

from lockstep.bundles.bundle import EXACT_FILE, MODEL_FILE, SCALER_FILE
from lockstep.bundles.evaluation import EVALUATION_FILE
from lockstep.bundles.series import BARS_FILE
from qa.servers import ROOT

DEFAULT_MODEL = ROOT / "models" / "msft"
DEFAULT_BUNDLE = DEFAULT_MODEL / "1"
FILES = (SCALER_FILE, MODEL_FILE, EXACT_FILE, BARS_FILE, EVALUATION_FILE)
STAGES = ("features", "scale", "half_width", "scaled", "leaf", "prediction")
MODEL_STAGES = tuple(stage for stage in STAGES if stage not in ("scale", "half_width"))
"""The stages of a forecast without intervals."""
