"""A model of many series beside "no change", session by session.

Series move together: a session on which all fell is one observation, not a thousand. So errors are averaged over the
series of a session, and the test of Diebold and Mariano runs over the sessions.
"""

import numpy as np

from lockstep.bundles.scores import NO_CHANGE
from lockstep.bundles.verdicts import NaiveComparison, compare_losses
from lockstep.data.bars import Array, Dates


def compare_sessions(dates: Dates, y_true: Array, y_pred: Array, horizon_bars: int) -> NaiveComparison:
    """Return the comparison on rows of gross returns of any series in any order, all (n,), n at least 1, without NaN.

    Its rows are the sessions.
    """
    with np.errstate(over="ignore"):  # a model may be so wrong that its squared error is infinite
        losses = average_sessions(dates, (y_pred - y_true) ** 2)
    return compare_losses(losses, average_sessions(dates, (NO_CHANGE - y_true) ** 2), horizon_bars)


def average_sessions(dates: Dates, values: Array) -> Array:
    """Return the mean of the values (n,) of each date, oldest first, (n_dates,)."""
    _, places, counts = np.unique(dates, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(places, values) / counts)
