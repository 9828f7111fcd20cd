"""What a service has to answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lockstep.parity.answers import PROBA_COLUMN
from lockstep.parity.difference import Value
from lockstep.predict.exact.form import Labels
from lockstep.predict.stages import PREDICTION, PROBA, Stages


@dataclass(frozen=True)
class Reference:
    """What a service has to answer: for each of `keys` one row of the stages."""

    keys: list[str]
    stages: Stages

    def list_outputs(self, classes: Labels) -> dict[str, dict[str, Value]]:
        """Return the values of each output by key, in the columns in which they are answered."""
        columns = {PREDICTION: self.stages[PREDICTION]}
        for place, label in enumerate(classes if PROBA in self.stages else []):
            columns[PROBA_COLUMN.format(label)] = self.stages[PROBA][:, place]
        return {name: dict(zip(self.keys, values.tolist(), strict=True)) for name, values in columns.items()}

    def select(self, places: Sequence[int]) -> "Reference":
        """Return the keys at `places` and their rows."""
        rows = np.array(places, np.intp)
        return Reference(
            [self.keys[place] for place in places], {name: values[rows] for name, values in self.stages.items()}
        )
