"""Fitted trees and ensembles of trees."""

from typing import Any

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from lockstep.data.bars import Array
from qa.exact.instances import Family, Instance

N_ROWS = 1_000
N_FEATURES = 6


def make_regression(number: int) -> tuple[Array, Array]:
    """Return random rows (n, k) and a target that depends on some of their columns."""
    random = np.random.default_rng(number)
    rows = random.normal(size=(N_ROWS, N_FEATURES))
    return rows, rows[:, 0] * rows[:, 1] + np.abs(rows[:, 2]) + random.normal(scale=0.2, size=N_ROWS)


def fit_regressor(regressor: Any, number: int) -> Instance:
    """Return a regressor fitted on half of the rows."""
    rows, target = make_regression(number)
    return Instance(regressor.fit(rows[::2], target[::2]), rows)


TREES = (
    Family(
        "DecisionTreeRegressor", lambda number: fit_regressor(DecisionTreeRegressor(max_depth=4 * number + 1), number)
    ),
)
