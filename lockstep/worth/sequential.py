"""Whether forecasts have left their evaluation, asked after every row: a bet against the evaluation.

A gambler begins with a wealth of 1 and stakes a share of it on each row. As long as the rows are as in the evaluation,
each bet is fair or worse for the gambler. So the wealth ever reaches N with a chance of at most 1/N, however often one
looks (Ville's inequality). A wealth that has grown is evidence of a change, and its size says how much.

The wealth is a mixture: over `STAKES`, as the best one depends on how large the change is; and over the row at which
the gambler begins, as the change may come at any row. Rows of a horizon above 1 overlap. They are split into as many
series whose rows do not, and the largest wealth of these counts, divided by their number. (Ville 1939; bets on the mean
of a bounded quantity: Waudby-Smith and Ramdas 2024; bets that begin at every row: Shin, Ramdas and Rinaldo 2023.)
"""

from dataclasses import dataclass

import numpy as np

from lockstep.data.bars import Array

FALSE_ALARM_RATE = 0.05
"""The chance that all tests of a model together ever raise an alarm without a change.

Ville's inequality gives it for misses that do not depend on those before. Those of a series do: `python -m qa.drift`
measures 0.2 to 1.2 % in 1000 rows, and 3.4 % if volatility is more clustered than that of any stock.
"""
STAKES = (0.05, 0.1, 0.2)
"""Shares of the largest stake that no row can lose as a whole. A larger one bets on the misses of some wild weeks."""
STANDARD_ERRORS = 2.0
"""How far beyond its mean in the evaluation a quantity may be: that mean is of some rows only."""
MAX_LOG_WEALTH = float(np.log(1e12))
"""What is more is not told apart."""


@dataclass(frozen=True)
class Bounds:
    """The smallest and the largest value that a quantity can have."""

    smallest: float
    largest: float


def limit_mean(evaluated: Array, bounds: Bounds, horizon_bars: int = 1) -> float:
    """Return the largest mean that the evaluated values (n,) leave possible: `STANDARD_ERRORS` above their own.

    Overlapping rows count once for each horizon. One value at each bound is added, so that equal values, or few, do
    not pass for certain.
    """
    values = np.concatenate([evaluated, [bounds.smallest, bounds.largest]])
    error = float(np.std(values)) * np.sqrt(horizon_bars / values.size)
    return float(np.minimum(np.mean(values) + STANDARD_ERRORS * error, bounds.largest))


def bet_above(values: Array, limit: float | Array, smallest: float, horizon_bars: int = 1) -> Array:
    """Return the wealth after each row of a bet that the mean of `values` (n, …), oldest first, is above `limit`.

    Fair, or worse, as long as the mean of each row, given those known before it, is at most `limit`. No value is below
    `smallest`, which is below `limit`. Returns (n, …), never falling: the largest wealth so far.
    """
    wealth = np.zeros_like(values)
    for turn in range(min(horizon_bars, len(values))):
        wealth[turn::horizon_bars] = np.exp(_bet_once(values[turn::horizon_bars], limit, smallest)) / horizon_bars
    return np.maximum.accumulate(wealth, axis=0)


def find_alarm(wealth: Array, n_tests: int) -> int | None:
    """Return the place of the first row at which one of `n_tests` bets is an alarm; None if none is."""
    alarms = np.flatnonzero(wealth >= alarm_at(n_tests))
    return int(alarms[0]) if alarms.size else None


def alarm_at(n_tests: int) -> float:
    """Return the wealth that is an alarm, if so many tests share `FALSE_ALARM_RATE`."""
    return n_tests / FALSE_ALARM_RATE


def _bet_once(values: Array, limit: float | Array, smallest: float) -> Array:
    """Return the logarithm of the wealth after each of `values` (n, …), which do not overlap."""
    kept = _keep_back(len(values) + 1).reshape(-1, *[1] * (values.ndim - 1))
    begun = np.log((kept[:-1] - kept[1:]) / len(STAKES))
    wealths = [np.log(kept[1:]) + np.zeros_like(values)]
    for stake in STAKES:
        grown = np.cumsum(np.log1p(stake / (limit - smallest) * (values - limit)), axis=0)
        before = np.concatenate([np.zeros_like(grown[:1]), grown[:-1]])
        wealths.append(grown + np.logaddexp.accumulate(begun - before, axis=0))
    return np.minimum(np.logaddexp.reduce(wealths), MAX_LOG_WEALTH)


def _keep_back(n: int) -> Array:
    """Return what of a wealth of 1 has not been staked before each row, (n,): it falls slowly, and never to 0."""
    return np.asarray(1.0 / np.log2(np.arange(n) + 2.0))
