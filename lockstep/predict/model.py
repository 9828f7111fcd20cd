"""What every model is: inputs in, stages out."""

from dataclasses import dataclass
from typing import Protocol

from lockstep.predict.exact.form import Inputs, Kinds
from lockstep.predict.stages import Stages


class Model(Protocol):
    """A fitted model, as an exact form or as unpickled objects."""

    def predict(self, inputs: Inputs) -> Stages:
        """Return the stages of inputs, each row for itself; the last is the prediction."""


@dataclass(frozen=True)
class ModelInputs:
    """The columns that a model reads, in order: the name of each, and what it holds."""

    names: tuple[str, ...]
    kinds: Kinds
    is_table: bool = False
