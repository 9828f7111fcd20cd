"""What can be said of the coverage of split-conformal intervals, whose rows are all that there is to measure it on.

The rows that make an interval hold it as often as they are made to: that is no finding, and is not reported. So each
half of the rows is judged by the interval that the other half makes. Every second row belongs to the first half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.predict.conformal import SplitConformal
from lockstep.predict.intervals import EVALUATED_LEVELS
from lockstep.worth.counts import count_covered, count_drawn, find_coverage_band, find_share_band
from lockstep.worth.intervals import split_groups


@dataclass(frozen=True)
class Share:
    """A share of some rows; by chance alone it lies between those of `chance` in at least 95 of 100 cases."""

    rows: int
    share: float
    chance: tuple[float, float]


@dataclass(frozen=True)
class ConformalCoverage:
    """The coverage of the interval of one level, which reaches `half_width` to either side of a prediction.

    `expected` are the shares of rows to come between which its coverage lies in 95 of 100 cases, if they are like the
    test rows. `halves` are the coverages of either half by the other half's interval, and `groups` those of the
    thirds of the rows with the smallest predictions, the middle and the largest. Their chance assumes that the errors
    do not depend on the half or on the prediction. Both are empty if half of the rows does not give the level.
    """

    level: int
    half_width: float
    expected: tuple[float, float]
    halves: tuple[Share, ...]
    groups: tuple[Share, ...]


def measure_coverage(
    y_true: NDArray[Any], y_pred: NDArray[Any], levels: Sequence[int] = EVALUATED_LEVELS
) -> list[ConformalCoverage]:
    """Return the coverage of those of the levels that the test rows give; both arrays are (n,) without NaN."""
    whole = SplitConformal.calibrate(y_true, y_pred)
    return [_measure(y_true, y_pred, whole, level) for level in levels if level in whole.levels]


def _measure(y_true: NDArray[Any], y_pred: NDArray[Any], whole: SplitConformal, level: int) -> ConformalCoverage:
    halves = [slice(0, None, 2), slice(1, None, 2)]
    others = [SplitConformal.calibrate(y_true[rows], y_pred[rows]) for rows in reversed(halves)]
    known = (level, whole.find_half_width(level), find_coverage_band(whole.rows, level))
    if not all(level in other.levels for other in others):
        return ConformalCoverage(*known, (), ())
    errors, is_covered, shares = np.abs(y_true - y_pred), np.empty(y_true.size, np.bool_), []
    for rows, other in zip(halves, others, strict=True):
        is_covered[rows] = errors[rows] <= other.find_half_width(level)
        shares.append(_take_share(is_covered[rows], count_covered(is_covered[rows].size, other.rows, level)))
    return ConformalCoverage(*known, tuple(shares), _group(is_covered, y_pred))


def _group(is_covered: NDArray[np.bool_], y_pred: NDArray[Any]) -> tuple[Share, ...]:
    n_rows, n_covered = is_covered.size, int(np.count_nonzero(is_covered))
    return tuple(
        _take_share(group, count_drawn(n_rows, n_covered, group.size)) for group in split_groups(is_covered, y_pred)
    )


def _take_share(is_covered: NDArray[np.bool_], counts: Array) -> Share:
    return Share(is_covered.size, float(np.mean(is_covered)), find_share_band(counts))
