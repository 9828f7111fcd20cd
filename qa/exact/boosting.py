"""Fitted boosted trees."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from lockstep.data.bars import Array
from lockstep.predict.derive.boosting import EXPONENTIAL
from qa.exact.instances import Family, Instance
from qa.exact.trees import Parameters, add_gaps, classifiers, make_labels, make_rows, make_target, regressors

N_CATEGORIES = 12

GRADIENT: tuple[Parameters, ...] = (
    {"n_estimators": 20, "random_state": 0},
    {"n_estimators": 10, "max_depth": None, "min_samples_leaf": 3, "subsample": 0.7, "random_state": 1},
    {"n_estimators": 15, "learning_rate": 0.37, "init": "zero", "random_state": 2},
    {"n_estimators": 100, "max_depth": 4, "random_state": 3},
)
ABSOLUTE, HUBER = {**GRADIENT[0], "loss": "absolute_error"}, {**GRADIENT[0], "loss": "huber"}
MEDIAN = {"n_estimators": 5, "init": DummyRegressor(strategy="median"), "random_state": 6}
FROM_SHARES = {"n_estimators": 5, "init": DummyClassifier(strategy="prior"), "random_state": 4}
STEEP = {"n_estimators": 10, "loss": "exponential", "random_state": 0}

HISTOGRAM: tuple[Parameters, ...] = (
    {"max_iter": 20, "random_state": 0},
    {"max_iter": 10, "max_leaf_nodes": 100, "min_samples_leaf": 2, "random_state": 1},
    {"max_iter": 15, "max_depth": 1, "random_state": 2},
    {"max_iter": 100, "random_state": 3},
)
COUNTS: tuple[Parameters, ...] = (
    {"max_iter": 20, "loss": "poisson"},
    {"max_iter": 5, "loss": "poisson", "learning_rate": 1.0},
    {"max_iter": 20, "loss": "gamma"},
)


def make_amounts(rows: Array, number: int) -> Array:
    """Return a target (n,) of numbers above 0."""
    return np.abs(make_target(rows, number)) + 0.1


def with_categories(
    make: Callable[..., Any], target: Callable[[Array, int], NDArray[Any]]
) -> Callable[[int], Instance]:
    """Return what fits an estimator on rows of which two columns are categories, with gaps and unknown ones.

    Number 0 has numbers in place of categories that are not counted from 0; number 2 has nothing but categories.
    """

    def fit(number: int) -> Instance:
        random = np.random.default_rng(number)
        rows = add_gaps(make_rows(number), number)
        columns = (0, 1, 2, 3, 4, 5) if number == 2 else (1, 4)
        for column in columns:
            codes = random.integers(0, N_CATEGORIES, len(rows)).astype(np.float64)
            rows[:, column] = np.where(np.isnan(rows[:, column]), np.nan, codes * 2.5 - 3.0 if number == 0 else codes)
        estimator = make(max_iter=20, categorical_features=list(columns), random_state=number, min_samples_leaf=3)
        decisive = rows[::2, [1, 2, 3, 5, 0, 4]] % 4.0  # the target depends on the first and the last most
        fitted = estimator.fit(rows[::2], target(decisive, number))
        rows[1::50, 1] = 99.0  # a category that the fit has not seen
        return Instance(fitted, rows)

    return fit


BOOSTING = (
    Family(
        "GradientBoostingRegressor",
        regressors(GradientBoostingRegressor, *GRADIENT, ABSOLUTE, HUBER, MEDIAN),
        7,
        timed=3,
    ),
    Family(
        "GradientBoostingClassifier",
        classifiers(GradientBoostingClassifier, *GRADIENT, FROM_SHARES),
        len(GRADIENT) + 1,
        EXPONENTIAL,
        timed=3,
    ),
    Family(
        "GradientBoostingClassifier exponential",
        lambda number: classifiers(GradientBoostingClassifier, *[STEEP] * 9)(4 * number),
        3,
        EXPONENTIAL,
    ),
    Family("HistGradientBoostingRegressor", regressors(HistGradientBoostingRegressor, *HISTOGRAM), len(HISTOGRAM)),
    Family("HistGradientBoostingRegressor categories", with_categories(HistGradientBoostingRegressor, make_target), 3),
    Family(
        "HistGradientBoostingRegressor log",
        lambda number: Instance(
            HistGradientBoostingRegressor(**COUNTS[number]).fit(
                make_rows(number)[::2], make_amounts(make_rows(number), number)[::2]
            ),
            make_rows(number),
        ),
        len(COUNTS),
        EXPONENTIAL,
    ),
    Family(
        "HistGradientBoostingClassifier",
        classifiers(HistGradientBoostingClassifier, *HISTOGRAM),
        len(HISTOGRAM),
        EXPONENTIAL,
    ),
    Family(
        "HistGradientBoostingClassifier categories",
        with_categories(HistGradientBoostingClassifier, make_labels),
        3,
        EXPONENTIAL,
    ),
)
