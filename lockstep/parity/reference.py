"""What a service has to answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lockstep.doors.answers import PROBA_COLUMN
from lockstep.parity.difference import Value
from lockstep.predict.exact.form import Labels
from lockstep.predict.forecast import Forecast
from lockstep.predict.intervals import UNMEASURED, Levels, Oddities
from lockstep.predict.stages import HALF_WIDTH, PREDICTION, PROBA, Stages


@dataclass(frozen=True)
class Reference:
    """What a service has to answer: for each of `keys` its place among the posted `rows`, and one row of the stages.

    `levels` are those of the half widths.
    """

    keys: list[str]
    rows: NDArray[np.intp]
    stages: Stages
    levels: Levels = ()
    oddities: Oddities = UNMEASURED.oddities

    @property
    def forecast(self) -> Forecast:
        """Return the same as the prediction that it is."""
        return Forecast(self.rows, self.stages, self.oddities)

    def list_outputs(self, classes: Labels) -> dict[str, dict[str, Value]]:
        """Return the values of each output by key, in the columns in which they are answered."""
        columns = {PREDICTION: self.stages[PREDICTION]}
        for place, label in enumerate(classes if PROBA in self.stages else []):
            columns[PROBA_COLUMN.format(label)] = self.stages[PROBA][:, place]
        return {name: dict(zip(self.keys, values.tolist(), strict=True)) for name, values in columns.items()}

    def overlay(self, rows: Sequence[int], other: "Reference", places: Sequence[int]) -> "Reference":
        """Return the same with the stages of `rows` as those of `other` at `places`; `other` has all of the levels."""
        overlaid, columns = dict(self.stages), [other.levels.index(level) for level in self.levels]
        for name, values in self.stages.items():
            others = other.stages[name][list(places)]
            overlaid[name] = values.astype(np.promote_types(values.dtype, others.dtype))  # labels differ
            overlaid[name][list(rows)] = others[:, columns] if name == HALF_WIDTH else others
        return replace(self, stages=overlaid)
