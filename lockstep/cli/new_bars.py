"""What a price file has that a model has not learned from, and whether it is of the same prices."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lockstep.data.bars import Array, Bars, Dates
from lockstep.drift.overlap import SAME_MOVE, SAME_PRICE, Overlap, compare_closes
from lockstep.errors import LockstepError

MOST = 0.5
"""Of the stored bars: a file that lacks more, or has other values for more, is no newer file of the same prices."""


class NoUpdate(LockstepError):
    """A file that a model cannot be updated with; the message says what is expected."""


@dataclass(frozen=True)
class NewBars:
    """The bars of a file beside the stored ones, and how the closes compare that both have."""

    stored: Bars
    filed: Bars
    overlap: Overlap

    @cached_property
    def added(self) -> Dates:
        """Return the dates of the bars that are newer than the stored ones, and of those that were missing there."""
        return np.setdiff1d(self.filed.dates[self.filed.dates > self.stored.dates[0]], self.stored.dates)

    @cached_property
    def earlier(self) -> Dates:
        """Return the dates of the bars that are older than the stored ones."""
        return self.filed.dates[self.filed.dates < self.stored.dates[0]]

    @cached_property
    def missing(self) -> Dates:
        """Return the dates of the stored bars that the file does not have."""
        return np.setdiff1d(self.stored.dates, self.filed.dates)

    @cached_property
    def corrected(self) -> Dates:
        """Return the dates whose bar has another value in both, beyond one factor for all bars of a column."""
        dates, stored, filed = _intersect(self.stored, self.filed)
        tolerance = SAME_MOVE if self.overlap.different else SAME_PRICE
        columns = zip(self.stored.values[:, stored], self.filed.values[:, filed], strict=True)
        return dates[np.any([_differ(before, after, tolerance) for before, after in columns], axis=0)]


def compare_bars(stored: Bars, filed: Bars, name: str) -> NewBars:
    """Return what the file `name` has beside the stored bars, both oldest first.

    Raises `NoUpdate` for a file without a newer bar, or that lacks or contradicts most stored bars, and `OtherPrices`
    for one of another series.
    """
    dates, places, others = _intersect(stored, filed)
    if dates.size < MOST * len(stored):
        raise NoUpdate(
            f"{name} has {dates.size} of the {len(stored)} stored bars. An update learns from the file alone: expected "
            f"bars from about {stored.dates[0]} on, and the new ones"
        )
    found = NewBars(stored, filed, compare_closes(dates, stored.close[places], filed.close[others]))
    if found.corrected.size > MOST * dates.size:
        raise NoUpdate(
            f"{name} has other values for {found.corrected.size} of {dates.size} stored bars: {found.overlap.says}. "
            "Expected prices adjusted as those of the training; `lockstep train` takes any others"
        )
    if filed.dates[-1] <= stored.dates[-1]:
        raise NoUpdate(f"{name} ends on {filed.dates[-1]}, and the stored bars on {stored.dates[-1]}: no bar is newer")
    return found


def _intersect(stored: Bars, filed: Bars) -> tuple[Dates, np.ndarray, np.ndarray]:
    return np.intersect1d(stored.dates, filed.dates, assume_unique=True, return_indices=True)


def _differ(before: Array, after: Array, tolerance: float) -> np.ndarray:
    """Return which values, (n,), are not the same but for the factor that most of them have."""
    # the median, which the bars that were corrected do not move
    factor = np.median(after[before > 0.0] / before[before > 0.0]) if (before > 0.0).any() else 1.0
    differs: np.ndarray = np.abs(after - factor * before) > tolerance * np.abs(after)
    return differs
