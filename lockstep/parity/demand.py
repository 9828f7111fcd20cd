"""What parity demands of the answers of one version, output by output."""

from collections.abc import Mapping
from dataclasses import dataclass

from lockstep.bundles.manifest import Manifest
from lockstep.bundles.promises import promise_of_pickles
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.model import Model
from lockstep.predict.stages import OF_BARS, PREDICTION, PROBA

EXACT, SKLEARN = "exact", "scikit-learn"


@dataclass(frozen=True)
class Demand:
    """What predicts in the service, the guarantee of each output, and the stages whose digests are compared."""

    predictor: str
    guarantees: Mapping[str, str]
    stages: tuple[str, ...]

    def of_column(self, column: str) -> str:
        """Return the guarantee of a column of an answer: `prediction` or `proba_<class>`."""
        return self.guarantees[PREDICTION if column == PREDICTION else PROBA]

    @property
    def is_exact(self) -> bool:
        """Return whether an exact form predicts in the service."""
        return self.predictor == EXACT

    def __str__(self) -> str:
        demanded = ", ".join(f"{output} {guarantee}" for output, guarantee in self.guarantees.items())
        return f"{demanded}, by {'exact forms' if self.is_exact else self.predictor}"


def choose_demand(manifest: Manifest, model: Model, predictor: str) -> Demand:
    """Return the demand on a service in which `predictor` answers; `model` is the local one.

    An exact form has to give the same bits in every stage. If scikit-learn predicts, only the stages before the
    model and the outputs are compared: what it computes between them is its own.
    """
    if manifest.predictor == EXACT == predictor:
        return Demand(EXACT, manifest.guarantees, manifest.stages)
    stages = tuple(stage for stage in manifest.stages if stage in OF_BARS)
    promised = promise_of_pickles(model.form, manifest) if isinstance(model, ExactModel) else manifest.guarantees
    return Demand(SKLEARN, promised, stages)
