"""What a bundle promises of each output: bits by its exact form, else what was measured of scikit-learn."""

import msgspec

from lockstep.bundles.sealing import SealedModel
from lockstep.predict.exact.form import Inputs
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.guarantees import BITS
from lockstep.predict.model import ModelInputs
from lockstep.predict.stages import PREDICTION, PROBA, Stages
from lockstep.training.guarantee_probe import describe_task
from lockstep.training.guarantees import measure_guarantees


def promise_outputs(sealed: SealedModel, columns: ModelInputs, inputs: Inputs, stages: Stages) -> dict[str, str]:
    """Return the guarantee of each output of the evaluated rows, whose inputs and stages these are.

    Raises `EvaluationMismatch` if an exact form answers otherwise than scikit-learn, beyond its bound, and
    `TrainingError` if nothing can be promised.
    """
    if isinstance(sealed.model, ExactModel):
        sealed.compare(inputs, columns)
        return {name: BITS for name in (PROBA, PREDICTION) if name in stages}
    task = describe_task(sealed.pickles, columns.names, inputs, columns.is_table)
    if sealed.trusted:
        task = msgspec.structs.replace(task, application=str(sealed.application), trusted=list(sealed.trusted))
    return measure_guarantees(task, stages)
