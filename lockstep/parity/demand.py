"""What parity demands of the answers of one version, output by output."""

from collections.abc import Mapping
from dataclasses import dataclass

from lockstep.bundles.manifest import Manifest
from lockstep.predict.exact.forms import ExactForm
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.guarantees import BITS, LABELS
from lockstep.predict.model import Model
from lockstep.predict.stages import FEATURES, PREDICTION, PROBA

EXACT, SKLEARN = "exact", "scikit-learn"
NEAR = "tolerance 1e-09"
"""What the pickles promise beside an exact form that is not theirs to the bit: sums of a BLAS, after cancellation."""

TREES = ("tree_regressor", "tree_classifier", "forest_regressor", "forest_classifier", "boosting_regressor")
CONSTANTS = ("constant_regressor", "constant_classifier")
IN_THE_SAME_ORDER = (*TREES, *CONSTANTS)
"""The estimators whose sums scikit-learn takes in the same order as the exact form."""


@dataclass(frozen=True)
class Demand:
    """What predicts in the service, the guarantee of each output, and the stages whose digests are compared."""

    predictor: str
    guarantees: Mapping[str, str]
    stages: tuple[str, ...]

    def of_column(self, column: str) -> str:
        """Return the guarantee of a column of an answer: `prediction` or `proba_<class>`."""
        return self.guarantees[PREDICTION if column == PREDICTION else PROBA]

    def __str__(self) -> str:
        demanded = ", ".join(f"{output} {guarantee}" for output, guarantee in self.guarantees.items())
        return f"{demanded}, by {'exact forms' if self.predictor == EXACT else self.predictor}"


def choose_demand(manifest: Manifest, model: Model, predictor: str) -> Demand:
    """Return the demand on a service in which `predictor` answers; `model` is the local one.

    An exact form has to give the same bits in every stage. If scikit-learn predicts, only the features of a series and
    the outputs are compared: what it computes between them is its own.
    """
    if manifest.predictor == EXACT == predictor:
        return Demand(EXACT, manifest.guarantees, manifest.stages)
    stages = tuple(stage for stage in manifest.stages if stage == FEATURES)
    promised = promise_of_pickles(model.form, manifest) if isinstance(model, ExactModel) else manifest.guarantees
    return Demand(SKLEARN, promised, stages)


def promise_of_pickles(form: ExactForm, manifest: Manifest) -> dict[str, str]:
    """Return what the pickles of an exact form can promise: the same bits if scikit-learn adds in the same order."""
    estimator = form.estimator
    is_plain = getattr(estimator, "link", "identity") == "identity" and not form.target
    is_same = estimator.__struct_config__.tag in IN_THE_SAME_ORDER and is_plain
    other = {PROBA: NEAR, PREDICTION: LABELS if manifest.classes else NEAR}
    return {output: BITS if is_same else other[output] for output in manifest.guarantees}
