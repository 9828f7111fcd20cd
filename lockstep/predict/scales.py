"""How far a price usually moves from one bar to the next: the unit in which intervals are measured."""

from functools import cache

import numpy as np

from lockstep.data.bars import Array, Bars
from lockstep.features.formulas import HALF, true_ranges
from lockstep.features.windows import ExponentialWeights, exponential_means, exponential_weights

DECAYS = (0.80, 0.97)
"""Of a fast and a slow exponential mean, which are averaged: ranges rise within days and fall within months."""
TWO = np.array(2.0)
SMALLEST_SCALE = np.array(2.0**-20)
"""A millionth, less than one step of any traded price: prices that do not move at all would have a scale of 0."""


def measure_scales(bars: Bars, n_values: int) -> Array:
    """Return the scale of every bar from the one with place `n_values` on, (n_bars - n_values,).

    `bars` are of consecutive sessions, oldest first. A scale is relative: half the sum of two exponential means of the
    last `n_values` true ranges, a power of two, each over its bar's middle price. So it reads `n_values` + 1 bars. At
    least `SMALLEST_SCALE`; NaN if one of the bars is.
    """
    high, low, previous = bars.high[1:], bars.low[1:], bars.close[:-1]
    ranges = true_ranges(high, low, previous) * TWO / (high + low)
    fast, slow = exponential_means(ranges, _weigh(n_values))
    return np.maximum(HALF * (fast + slow), SMALLEST_SCALE)


@cache
def _weigh(n_values: int) -> ExponentialWeights:
    return exponential_weights(np.array(DECAYS)[:, np.newaxis], n_values)
