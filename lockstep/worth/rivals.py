"""Half widths of simpler intervals around "no change", beside which those of the bundle are scored."""

from itertools import accumulate
from math import nan, sqrt
from statistics import NormalDist

import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.conformal import SplitConformal

DECAY = 0.94
"""Of the squared returns of days, as RiskMetrics (1996) weighs them."""


def split_conformal(moves: Array, level: int) -> float:
    """Return the half width that covers `level` percent of moves like those that were learned from: one for all rows.

    `moves` (n,) are the absolute relative changes of the learning rows. NaN if so few give no interval of that level.
    """
    intervals = SplitConformal(np.sort(moves))
    return intervals.find_half_width(level) if level in intervals.levels else nan


def measure_ewma(close: Array) -> Array:
    """Return the root of the exponential mean of squared returns up to each bar but the first, (n_bars - 1,).

    `close` is of consecutive sessions, oldest first. The first mean is the first square: after 450 bars that is
    forgotten to a part in 10¹².
    """
    returns = close[1:] / close[:-1] - 1.0
    weighted = accumulate((returns * returns).tolist(), lambda mean, square: DECAY * mean + (1.0 - DECAY) * square)
    return np.sqrt(np.fromiter(weighted, np.float64, returns.size))


def gaussian_ewma(deviation: Array, level: int, horizon_bars: int) -> Array:
    """Return the half widths (n,) of normal returns with these daily deviations, independent of each other."""
    return deviation * (NormalDist().inv_cdf(0.5 + level / 200) * sqrt(horizon_bars))
