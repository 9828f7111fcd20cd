"""How good intervals are: how often they hold, how wide they are, and both at once.

All arrays are (n,), n at least 1, without NaN. A truth on a bound is inside. `level` is a whole percent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array

STRETCH_ROWS = 250
"""A year of sessions: nobody waits longer for an interval to hold again."""
N_GROUPS = 3
Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True)
class Intervals:
    """The lower and the upper bounds of intervals of one level."""

    level: int
    lo: Array
    hi: Array


@dataclass(frozen=True)
class Stretch:
    """Consecutive rows, and the share of them whose interval held."""

    rows: slice
    coverage: float


def is_covered(y_true: Array, intervals: Intervals) -> NDArray[np.bool_]:
    """Return whether each truth lies in its interval, (n,)."""
    return np.asarray((intervals.lo <= y_true) & (y_true <= intervals.hi))


def coverage(y_true: Array, intervals: Intervals) -> float:
    """Return the share of truths in their interval."""
    return float(np.mean(is_covered(y_true, intervals)))


def share_below(y_true: Array, intervals: Intervals) -> float:
    """Return the share of truths below their interval."""
    return float(np.mean(y_true < intervals.lo))


def share_above(y_true: Array, intervals: Intervals) -> float:
    """Return the share of truths above their interval."""
    return float(np.mean(y_true > intervals.hi))


def mean_width(intervals: Intervals) -> float:
    """Return the mean width, in units of the target."""
    return float(np.mean(intervals.hi - intervals.lo))


def winkler_score(y_true: Array, intervals: Intervals) -> float:
    """Return the mean Winkler score, in units of the target: the lower, the better.

    A row's score is the width of its interval; for a miss, 2 / (1 - level) times its distance from the interval is
    added. The true quantiles have the lowest score on average. (Winkler 1972; Gneiting and Raftery 2007, equation 43.)
    """
    missed_by = np.maximum(intervals.lo - y_true, 0.0) + np.maximum(y_true - intervals.hi, 0.0)
    return float(np.mean(intervals.hi - intervals.lo + missed_by * (2.0 / _share_outside(intervals.level))))


def wis(y_true: Array, center: Array, winkler_scores: Mapping[int, float]) -> float:
    """Return the weighted interval score of several levels around a center, in units of the target.

    Half the absolute error of `center`, the median forecast, is added to (1 - level) / 2 times the Winkler score of
    each level. The sum is divided by the number of levels + 1/2. With many levels it becomes the CRPS. (Bracher and
    others 2021.)
    """
    weighted = sum(_share_outside(level) / 2.0 * score for level, score in winkler_scores.items())
    return (float(np.mean(np.abs(y_true - center))) / 2.0 + weighted) / (len(winkler_scores) + 0.5)


def find_worst_stretch(covered: NDArray[np.bool_], n_rows: int = STRETCH_ROWS) -> Stretch:
    """Return the first of the stretches of `n_rows` consecutive rows with the fewest hits; all rows if they are fewer.

    `covered` (n,) says of each row, oldest first, whether its interval held.
    """
    n_rows = min(n_rows, covered.size)
    shares = rolling_coverage(covered, n_rows)
    first = int(np.argmin(shares))
    return Stretch(slice(first, first + n_rows), float(shares[first]))


def rolling_coverage(covered: NDArray[np.bool_], n_rows: int) -> Array:
    """Return the share of hits in each stretch of `n_rows` consecutive rows, (n - n_rows + 1,)."""
    hits = np.concatenate([[0], np.cumsum(covered)])
    return np.asarray((hits[n_rows:] - hits[:-n_rows]) / n_rows)


def group_coverage(covered: NDArray[np.bool_], scale: Array, n_groups: int = N_GROUPS) -> list[float]:
    """Return the coverage of each of the groups that `split_groups` makes."""
    return [float(np.mean(group)) for group in split_groups(covered, scale, n_groups)]


def split_groups(values: NDArray[Value], scale: Array, n_groups: int = N_GROUPS) -> list[NDArray[Value]]:
    """Return the values (n,) of the rows with the smallest scales, the next, and so on: groups of almost equal size.

    Of equal scales the earlier row comes first; the groups that are a row larger are the first ones.
    """
    return np.array_split(values[np.argsort(scale, kind="stable")], n_groups)


def _share_outside(level: int) -> float:
    return (100 - level) / 100.0
