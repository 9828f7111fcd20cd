"""Intervals in plain Python, bar by bar: what the library's arrays are compared with, bit for bit.

Each function follows the definition, with one float operation a step, for one bar at a time. It shares no code with
the library. The order of additions of an exponential mean is part of the definition, so it is written out too.
"""

from collections.abc import Sequence

from lockstep.data.bars import Bars

FAST, SLOW = 0.80, 0.97
SMALLEST_SCALE = 2.0**-20
NEXT_BAR = (64, 135)
LATER_BARS = (128, 250)
"""How many true ranges a scale is the mean of, and how many past moves are sorted: one bar ahead, and further."""


def relative_range(bars: Bars, bar: int) -> float:
    """Return the true range of one bar, over the middle of its high and low."""
    high, low, before = float(bars.high[bar]), float(bars.low[bar]), float(bars.close[bar - 1])
    return 2.0 * (max(high, before) - min(low, before)) / (high + low)


def weighted_mean(values: Sequence[float], decay: float) -> float:
    """Return the mean of values, oldest first, with weights 1, d, d², … from the newest back.

    The number of values is a power of two. Neighbors are merged until one value is left.
    """
    folded, power = list(values), decay
    while len(folded) > 1:
        folded = [newer + power * older for older, newer in zip(folded[::2], folded[1::2], strict=True)]
        power = power * power
    return folded[0] * ((1.0 - decay) / (1.0 - power))


def scale_of(bars: Bars, bar: int, n_ranges: int) -> float:
    """Return how far the price moves, in shares of itself, as seen at the close of one bar."""
    ranges = [relative_range(bars, each) for each in range(bar - n_ranges + 1, bar + 1)]
    return max(0.5 * (weighted_mean(ranges, FAST) + weighted_mean(ranges, SLOW)), SMALLEST_SCALE)


def score_of(bars: Bars, bar: int, horizon_bars: int, n_ranges: int) -> float:
    """Return the move that followed a bar, in scales of that bar."""
    move = float(bars.close[bar + horizon_bars]) / float(bars.close[bar]) - 1.0
    return abs(move) / scale_of(bars, bar, n_ranges)


def quantile_of(scores: Sequence[float], level: int) -> float:
    """Return the score that `level` per cent of one more are expected to stay below."""
    ranked = sorted(scores)
    place, rest = divmod((len(ranked) + 1) * level, 100)
    return ranked[place - 1] + rest / 100 * (ranked[place] - ranked[place - 1])


def half_widths_of(bars: Bars, bar: int, horizon_bars: int, levels: Sequence[int]) -> list[float]:
    """Return half the width of the interval of each level for `horizon_bars` after a bar that has a full look-back."""
    n_ranges, n_scores = NEXT_BAR if horizon_bars == 1 else LATER_BARS
    oldest = bar - horizon_bars - n_scores + 1
    scores = [score_of(bars, each, horizon_bars, n_ranges) for each in range(oldest, oldest + n_scores)]
    return [quantile_of(scores, level) * scale_of(bars, bar, n_ranges) for level in levels]


def bounds_of(half_width: float) -> tuple[float, float]:
    """Return the lowest and the highest return of an interval, centered on no change."""
    return max(1.0 - half_width, 0.0), 1.0 + half_width
