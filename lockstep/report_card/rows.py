"""The rows of an evaluation that came true, as the charts need them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.entries import RETURN
from lockstep.bundles.evaluation import FORECAST_DATE
from lockstep.bundles.interval import list_evaluated_levels
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array
from lockstep.predict.intervals import Levels, find_bounds
from lockstep.predict.stages import HALF_WIDTH
from lockstep.report_card.card import MAX_MARKS
from lockstep.worth.intervals import Intervals, is_covered

NO_CHANGE_NAME = "no change"


@dataclass(frozen=True)
class SeriesRows:
    """The test rows of a series, oldest first; `realised` (n,) says which came true.

    `dates` are those that the rows forecast, empty beyond the calendar. `half_width` is (n, n_levels).
    """

    target: str
    naive: Any
    dates: NDArray[np.str_]
    realised: NDArray[np.bool_]
    close: Array
    y_true: NDArray[Any]
    y_pred: NDArray[Any]
    levels: Levels
    half_width: Array

    @property
    def is_labels(self) -> bool:
        """Return whether labels are predicted."""
        return self.y_pred.dtype.kind == "U"

    @property
    def is_return(self) -> bool:
        """Return whether a gross return is predicted."""
        return self.target == RETURN

    @property
    def unit(self) -> Any:
        """Return what the errors are in."""
        return "return" if self.is_return else "label" if self.is_labels else "target"

    @property
    def naive_name(self) -> str:
        """Return what the naive predictor says, for people."""
        return NO_CHANGE_NAME if self.is_return else f"always {self.naive}" if self.is_labels else "the learned mean"

    @property
    def came_true(self) -> "SeriesRows":
        """Return the rows that came true."""
        return self.select(self.realised)

    def select(self, chosen: Any) -> "SeriesRows":
        """Return some of the rows."""
        rows = (self.dates, self.realised, self.close, self.y_true, self.y_pred)
        dates, realised, close, y_true, y_pred = (each[chosen] for each in rows)
        half_width = self.half_width[chosen]
        return SeriesRows(self.target, self.naive, dates, realised, close, y_true, y_pred, self.levels, half_width)

    def lose(self, predicted: Any) -> Array:
        """Return what each row loses by a prediction: its absolute error, or 1 for a wrong label."""
        if self.is_labels:
            return np.asarray(predicted != self.y_true, float)
        return np.asarray(np.abs(predicted - self.y_true))

    def half_width_at(self, level: int) -> Array:
        """Return the half widths of a level, (n,)."""
        return self.half_width[:, self.levels.index(level)]

    def is_covered(self, level: int) -> NDArray[np.bool_]:
        """Return whether what came true lies in the interval of a level, (n,)."""
        return is_covered(self.y_true, Intervals(level, *find_bounds(self.half_width_at(level))))


def read_rows(bundle: SeriesBundle) -> SeriesRows:
    """Return the test rows of a bundle; the half widths are computed anew, as the evaluation holds their digests."""
    manifest, evaluation = bundle.manifest, bundle.evaluation
    levels = list_evaluated_levels(manifest)
    half_width = bundle.predict_evaluated().stages[HALF_WIDTH] if levels else np.empty((evaluation.y_pred.size, 0))
    dates = evaluation.cells[FORECAST_DATE].astype(str)
    cells = (evaluation.realised, evaluation.close, evaluation.y_true, evaluation.y_pred)
    return SeriesRows(manifest.target, manifest.naive, np.where(dates == "NaT", "", dates), *cells, levels, half_width)


def thin(n_rows: int) -> NDArray[np.intp]:
    """Return the places of the rows that a chart marks, (n,): all, or `MAX_MARKS` evenly spaced ones with both ends."""
    if n_rows <= MAX_MARKS:
        return np.arange(n_rows)
    return np.linspace(0, n_rows - 1, MAX_MARKS).astype(np.intp)
