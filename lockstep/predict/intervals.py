"""Intervals of gross returns, calibrated on the bars of the look-back alone: no parameter is learned.

A score is how far a close has moved over the horizon, in scales of the bar from which it moved. The interval of a
level reaches as far from "no change", in scales of today, as that share of the newest scores does. Every score was
known when its forecast is made. Only elementwise arithmetic, sums in a fixed order and sorting: the same bits on every
CPU, for one row or many, wherever the history starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array, Bars
from lockstep.features.windows import lag_windows
from lockstep.predict.scales import SMALLEST_SCALE, measure_scales
from lockstep.predict.stages import HALF_WIDTH, SCALE, Stages

Levels = tuple[int, ...]
"""Distinct whole percents from 1 to 99, in the order asked for."""

DEFAULT_LEVELS: Levels = (80,)
EVALUATED_LEVELS: Levels = (50, 80, 90, 95)
SMALLEST_LEVEL, LARGEST_LEVEL = 1, 99
MAX_HORIZON_BARS = 5
"""The last horizon at which intervals of 80 % covered 78 to 82 % of every block: docs/intervals-measured.md."""
JUMP_SCALES = 5.0
"""Closes further apart are a price that is adjusted otherwise more often than a market."""
ROWS_AT_ONCE = 256
"""Rows whose scores are sorted together: what they take stays in a core's own cache."""


@dataclass(frozen=True)
class Jump:
    """A close that is more than `JUMP_SCALES` scales from the one of the session before it; `scales` says how far."""

    date: np.datetime64
    close: float
    date_before: np.datetime64
    close_before: float
    scales: float


@dataclass(frozen=True)
class Oddities:
    """What makes an interval worth less: jumps in the look-backs of its rows, oldest first, and rows of flat prices."""

    jumps: tuple[Jump, ...] = ()
    n_flat: int = 0


@dataclass(frozen=True)
class Measured:
    """The stages of intervals, and what was noticed while they were measured."""

    stages: Stages
    oddities: Oddities


UNMEASURED = Measured({}, Oddities())


@dataclass(frozen=True)
class RollingInterval:
    """How wide the intervals at a horizon are: the values of a scale, and how many scores are sorted."""

    horizon_bars: int
    scale_values: int
    windows: int

    @property
    def lookback_bars(self) -> int:
        """Return how many bars the interval of a row reads, the row's own among them."""
        return self.scale_values + self.windows + self.horizon_bars

    def measure(self, bars: Bars, places: NDArray[np.intp], levels: Levels) -> Measured:
        """Return the scale (n,) and the half widths (n, n_levels) of the bars at `places`, and what is odd about them.

        `bars` are of consecutive sessions, oldest first, and hold the look-back of each place. A half width is a
        gross return: the interval is `find_bounds` of it.
        """
        scales = measure_scales(bars, self.scale_values)
        ours = scales[places - self.scale_values]
        widths = self._find_quantiles(self._score(bars, scales), places, levels) * ours[:, np.newaxis]
        oddities = Oddities(self._find_jumps(bars, scales, places), int(np.count_nonzero(ours == SMALLEST_SCALE)))
        return Measured({SCALE: ours, HALF_WIDTH: widths}, oddities)

    def _score(self, bars: Bars, scales: Array) -> Array:
        """Return the score of every move from the first bar that has a scale on, (n_bars - scale_values - horizon,)."""
        close = bars.close[self.scale_values :]
        return np.abs(close[self.horizon_bars :] / close[: -self.horizon_bars] - 1.0) / scales[: -self.horizon_bars]

    def _find_quantiles(self, scores: Array, places: NDArray[np.intp], levels: Levels) -> Array:
        """Return the score at each level among those that end at each place, (n, n_levels).

        The quantile is that of split conformal prediction, the (n + 1)th part, interpolated between two scores. Sorted
        for each place are the ranks of the scores among all: numpy sorts whole numbers in a seventh of the time.
        """
        order = np.argsort(scores)
        ranks, ordered = np.empty(scores.size, np.uint32), scores[order]
        ranks[order] = np.arange(scores.size, dtype=np.uint32)
        windows, firsts = lag_windows(ranks, self.windows).T, places - self.lookback_bars + 1
        counted = [divmod((self.windows + 1) * level, 100) for level in levels]
        found = np.empty((places.size, len(levels)))
        for start in range(0, places.size, ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            sorted_ranks = windows[firsts[rows]]  # a copy, in which they can be sorted
            sorted_ranks.sort(axis=1)
            for column, (place, rest) in enumerate(counted):
                below, above = ordered[sorted_ranks[:, place - 1]], ordered[sorted_ranks[:, place]]
                found[rows, column] = below + (rest / 100) * (above - below)
        return found

    def _find_jumps(self, bars: Bars, scales: Array, places: NDArray[np.intp]) -> tuple[Jump, ...]:
        """Return the jumps in the look-back of any of the places, oldest first.

        The scale of a jump has to be of that look-back too: what is found does not depend on the rows beside it.
        """
        close = bars.close[self.scale_values :]
        moves = np.abs(close[1:] / close[:-1] - 1.0) / scales[:-1]
        found = np.flatnonzero(moves > JUMP_SCALES)
        if not found.size:
            return ()
        ordered, after = np.sort(places), found + self.scale_values + 1
        next_place = ordered[np.minimum(np.searchsorted(ordered, after), ordered.size - 1)]
        is_read = (next_place >= after) & (next_place - self.lookback_bars + 1 + self.scale_values < after)
        return tuple(_describe_jump(bars, after[at], moves[found[at]]) for at in np.flatnonzero(is_read))


def _describe_jump(bars: Bars, place: int, scales: float) -> Jump:
    before = place - 1
    close, close_before = float(bars.close[place]), float(bars.close[before])
    return Jump(bars.dates[place], close, bars.dates[before], close_before, float(scales))


def interval_at(horizon_bars: int) -> RollingInterval:
    """Return the interval of a horizon."""
    return RollingInterval(1, 64, 135) if horizon_bars == 1 else RollingInterval(horizon_bars, 128, 250)


def find_bounds(half_width: Array) -> tuple[Array, Array]:
    """Return the lower and the upper gross return of intervals around "no change"; the lower is at least 0."""
    return np.maximum(1.0 - half_width, 0.0), 1.0 + half_width


def describe_odd_level(level: float, sent: str = "") -> str:
    """Return the refusal of a number that is no level; a share is answered with its percent.

    `sent` is how the number was written, if not as JSON writes it.
    """
    near = (round(each) for each in (level * 100, level) if SMALLEST_LEVEL <= each <= LARGEST_LEVEL)
    meant = next(near, DEFAULT_LEVELS[0])
    expected = f"whole percents from {SMALLEST_LEVEL} to {LARGEST_LEVEL}, such as {meant}"
    return f"{sent or level} is no level; expected {expected}"


def find_level_fault(levels: Sequence[int]) -> str:
    """Return what is wrong with levels, empty if nothing is."""
    if odd := [level for level in levels if not SMALLEST_LEVEL <= level <= LARGEST_LEVEL]:
        return describe_odd_level(odd[0])
    # the first repeat is among the first hundred: a body may list levels by the hundred thousand
    twice = next((level for place, level in enumerate(levels) if level in levels[:place]), None)
    return "" if twice is None else f"{twice} is there twice; expected each level once"
