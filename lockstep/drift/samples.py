"""Forecasts and what came true of them: those of an evaluation, and those since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array, Dates
from lockstep.doors.answers import LOWER, UPPER
from lockstep.worth.intervals import Intervals

Columns = Mapping[str, Sequence[Any]]
"""The columns of an answered frame by name; None for a cell that is not known."""


@dataclass(frozen=True)
class Sample:
    """Rows whose outcome is known, oldest first: `dates`, `y_true` and `y_pred` (n,), and intervals of some levels.

    `naive` is what a predictor that looks at nothing answers: a number, or a label if `y_true` holds labels.
    """

    dates: Dates
    y_true: NDArray[Any]
    y_pred: NDArray[Any]
    naive: float | str
    intervals: tuple[Intervals, ...]

    def __len__(self) -> int:
        return self.dates.size

    @property
    def is_labels(self) -> bool:
        """Return whether labels are forecast, not numbers."""
        return isinstance(self.naive, str)

    @property
    def losses(self) -> tuple[Array, Array]:
        """Return the absolute errors of the model and of the naive predictor, each (n,); 1 for a wrong label."""
        return self._measure(self.y_pred), self._measure(np.full(len(self), self.naive))

    @property
    def largest_differences(self) -> Array:
        """Return the most by which the two losses of a row can differ, (n,): as far as its forecasts are apart."""
        apart = self.y_pred != self.naive if self.is_labels else np.abs(self.y_pred - self.naive)
        return np.asarray(apart, np.float64)

    def _measure(self, predicted: NDArray[Any]) -> Array:
        wrong = predicted != self.y_true if self.is_labels else np.abs(predicted - self.y_true)
        return np.asarray(wrong, np.float64)


def read_sample(columns: Columns, outcomes: Sequence[Any], levels: Sequence[int]) -> Sample:
    """Return the answered rows whose outcome is known; `outcomes` (n_rows,) has None for the others."""
    pairs = zip(outcomes, columns["y_pred"], strict=True)
    rows = [row for row, pair in enumerate(pairs) if None not in pair]
    picked = {name: [cells[row] for row in rows] for name, cells in columns.items()}
    bounds = [(level, picked[LOWER.format(level)], picked[UPPER.format(level)]) for level in levels]
    return Sample(
        np.array(picked["date"], "datetime64[D]"),
        np.array([outcomes[row] for row in rows]),
        np.array(picked["y_pred"]),
        columns["naive"][0],
        tuple(Intervals(level, np.array(lower), np.array(upper)) for level, lower, upper in bounds),
    )
