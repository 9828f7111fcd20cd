"""What the pickles of a bundle can promise that was evaluated by its exact form."""

from lockstep.bundles.manifest import Manifest
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.guarantees import BITS, LABELS
from lockstep.predict.stages import PREDICTION, PROBA

NEAR = "tolerance 1e-09"
"""What the pickles promise beside an exact form that is not theirs to the bit: sums of a BLAS, after cancellation."""

TREES = ("tree_regressor", "tree_classifier", "forest_regressor", "forest_classifier", "boosting_regressor")
CONSTANTS = ("constant_regressor", "constant_classifier")
IN_THE_SAME_ORDER = (*TREES, *CONSTANTS)
"""The estimators whose sums scikit-learn takes in the same order as the exact form."""


def promise_of_pickles(form: ExactForm, manifest: Manifest) -> dict[str, str]:
    """Return what the pickles of an exact form can promise: the same bits if scikit-learn adds in the same order."""
    estimator = form.estimator
    is_plain = getattr(estimator, "link", "identity") == "identity" and not form.target
    is_same = estimator.__struct_config__.tag in IN_THE_SAME_ORDER and is_plain
    other = {PROBA: NEAR, PREDICTION: LABELS if manifest.classes else NEAR}
    return {output: BITS if is_same else other[output] for output in manifest.guarantees}
