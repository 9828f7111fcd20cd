"""How many of some rows chance alone lets be so: distributions of counts, and the band that they keep to.

A distribution is an array (n + 1,) of the probabilities of 0 to n.
"""

from math import lgamma

import numpy as np

from lockstep.data.bars import Array

SHARE_OUTSIDE = 0.05
"""A count lies outside of its band in at most so many cases, half of them on either side."""
GRID_STEPS = 10_000


def count_independent(probabilities: Array) -> Array:
    """Return the distribution of how many of n independent events come true, whose probabilities are (n,)."""
    counts = np.zeros(probabilities.size + 1)
    counts[0] = 1.0
    for last, probability in enumerate(probabilities.tolist(), 1):
        counts[1 : last + 1] = counts[1 : last + 1] * (1.0 - probability) + counts[:last] * probability
        counts[0] *= 1.0 - probability
    return counts


def count_covered(n_rows: int, n_calibration: int, level: int) -> Array:
    """Return the distribution of how many of n rows an interval holds that as many others have calibrated.

    It is beta-binomial if all rows are alike. (Vovk 2012.)
    """
    inside, outside = _weigh_sides(n_calibration, level)
    logs = [
        _log_choose(n_rows, count) + _log_beta(count + inside, n_rows - count + outside) for count in range(n_rows + 1)
    ]
    return np.exp(np.array(logs) - _log_beta(inside, outside))


def count_drawn(n_rows: int, n_marked: int, n_drawn: int) -> Array:
    """Return the distribution of how many marked ones are among the rows that are drawn from n: hypergeometric."""
    logs = np.full(n_drawn + 1, -np.inf)
    for count in range(max(0, n_drawn - (n_rows - n_marked)), min(n_drawn, n_marked) + 1):
        logs[count] = _log_choose(n_marked, count) + _log_choose(n_rows - n_marked, n_drawn - count)
    return np.asarray(np.exp(logs - _log_choose(n_rows, n_drawn)))


def find_share_band(counts: Array) -> tuple[float, float]:
    """Return the shares between which a count of this distribution lies in at least 95 of 100 cases."""
    so_far, n_rows = np.cumsum(counts), counts.size - 1
    lowest = int(np.searchsorted(so_far, SHARE_OUTSIDE / 2, side="right"))
    highest = int(np.searchsorted(so_far, 1.0 - SHARE_OUTSIDE / 2))
    return lowest / n_rows, min(highest, n_rows) / n_rows


def find_coverage_band(n_calibration: int, level: int) -> tuple[float, float]:
    """Return between which shares of all rows to come an interval holds in 95 of 100 cases: a beta distribution.

    It depends on the rows that have calibrated the interval, if all are alike. To four digits.
    """
    inside, outside = _weigh_sides(n_calibration, level)
    shares = (np.arange(GRID_STEPS) + 0.5) / GRID_STEPS
    logs = (inside - 1.0) * np.log(shares) + (outside - 1.0) * np.log1p(-shares)
    weights = np.exp(logs - np.max(logs))
    so_far = np.cumsum(weights) / np.sum(weights)
    lowest, highest = np.searchsorted(so_far, [SHARE_OUTSIDE / 2, 1.0 - SHARE_OUTSIDE / 2])
    return float(shares[lowest]), float(shares[highest])


def _weigh_sides(n_calibration: int, level: int) -> tuple[float, float]:
    """Return the parameters of the beta distribution of the coverage."""
    return (n_calibration + 1) * level / 100, (n_calibration + 1) * (100 - level) / 100


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
