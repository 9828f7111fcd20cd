"""Whether one predictor's losses are larger than another's by more than chance: the test of Diebold and Mariano.

The statistic is the mean difference of the losses over its standard error. Losses of near rows depend on each other:
volatile days come together, and forecasts of more than one bar overlap. So the variance of the mean is the one of
Newey and West, which counts the autocovariances up to a lag, each with Bartlett's weight.

Sources: Diebold and Mariano, Comparing Predictive Accuracy, 1995; Newey and West, A Simple, Positive Semi-definite,
Heteroskedasticity and Autocorrelation Consistent Covariance Matrix, 1987.
"""

import numpy as np

from lockstep.data.bars import Array

CRITICAL_T = 1.645
"""Beyond it a statistic is significant at 5 %, on one side, of many rows."""
LARGEST_T = 1000.0
"""What is more is not told apart: a difference that is the same in every row has no variance to measure it by."""


def diebold_mariano(losses: Array, naive_losses: Array, lag: int) -> float:
    """Return the statistic t of two predictors' losses on the same rows, both (n,), oldest first, n at least 1.

    Above 0 the first predictor is worse. It is 0 if no loss differs, and never beyond `LARGEST_T`: so much if every
    row differs by the same, if there is one row, or if the first predictor's losses are infinite.
    """
    difference = losses - naive_losses
    mean = float(np.mean(difference))
    if mean == 0.0 or not np.isfinite(mean):
        return 0.0 if mean == 0.0 else LARGEST_T
    error = np.sqrt(long_run_variance(difference, lag) / difference.size)
    return float(np.clip(mean / error, -LARGEST_T, LARGEST_T)) if error > 0.0 else float(np.copysign(LARGEST_T, mean))


def long_run_variance(values: Array, lag: int) -> float:
    """Return n times the variance of the mean of values (n,) that depend on those up to `lag` rows before them.

    The autocovariances are sums over n; their weights are 1 - k / (lag + 1). The result is never below 0.
    """
    centered = values - np.mean(values)
    total = float(np.mean(centered**2))
    for k in range(1, min(lag, values.size - 1) + 1):
        covariance = float(np.sum(centered[k:] * centered[:-k])) / values.size
        total += 2.0 * (1.0 - k / (lag + 1)) * covariance
    return max(total, 0.0)


def choose_lag(n_rows: int, horizon_bars: int) -> int:
    """Return up to which lag autocovariances count: 4 (n / 100)^(2/9) rounded down, but at least 2 (horizon - 1).

    The first is the usual choice for Bartlett's weights (Newey and West, Automatic Lag Selection in Covariance Matrix
    Estimation, 1994). Forecasts of h bars depend on those of h - 1 rows before. Bartlett's weights at the lag h - 1
    would leave a third of that out, so the lag is twice as large.
    """
    return max(int(4.0 * (n_rows / 100.0) ** (2.0 / 9.0)), 2 * (horizon_bars - 1))
