"""What every model is: inputs in, stages out."""

from typing import Protocol

from lockstep.predict.exact.form import Inputs
from lockstep.predict.stages import Stages


class Model(Protocol):
    """A fitted model, as an exact form or as unpickled objects."""

    def predict(self, inputs: Inputs) -> Stages:
        """Return the stages of inputs, each row for itself; the last is the prediction."""
