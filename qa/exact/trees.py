"""Fitted trees and forests."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from lockstep.data.bars import Array
from qa.exact.instances import Family, Instance

N_ROWS, N_FEATURES = 1_000, 6
CLASSES = (np.array(["no", "yes"]), np.array([7, 3, 5]), np.array(["a", "b", "c", "d"]), np.array([False, True]))

Parameters = Mapping[str, Any]


def make_rows(number: int, n_features: int = N_FEATURES) -> Array:
    """Return random rows (n, k), some numbers of which are the same as others."""
    random = np.random.default_rng(number)
    return np.where(random.random((N_ROWS, n_features)) < 0.1, 0.5, random.normal(size=(N_ROWS, n_features)))


def add_gaps(rows: Array, number: int) -> Array:
    """Return the rows with a tenth of the numbers missing."""
    return np.where(np.random.default_rng(number).random(rows.shape) < 0.1, np.nan, rows)


def make_target(rows: Array, number: int) -> Array:
    """Return a target (n,) that depends on the columns, and on chance."""
    known = np.nan_to_num(rows)
    noise = np.random.default_rng(number).normal(scale=0.3, size=len(rows))
    return np.abs(known[:, 0]) + known[:, 0] * known[:, -1] + noise


def make_labels(rows: Array, number: int) -> NDArray[Any]:
    """Return labels (n,) that depend on the columns: words, whole numbers or flags, two or more of them."""
    classes = CLASSES[number % len(CLASSES)]
    target = make_target(rows, number)
    return classes[np.digitize(target, np.quantile(target, np.linspace(0.0, 1.0, len(classes) + 1)[1:-1]))]


def regressors(make: Callable[..., Any], *variants: Parameters) -> Callable[[int], Instance]:
    """Return what fits a regressor with the parameters of a variant; see `fit_on_half`."""
    return lambda number: fit_on_half(make(**variants[number]), make_target, number)


def classifiers(make: Callable[..., Any], *variants: Parameters) -> Callable[[int], Instance]:
    """Return what fits a classifier with the parameters of a variant; see `fit_on_half`."""
    return lambda number: fit_on_half(make(**variants[number]), make_labels, number)


def fit_on_half(estimator: Any, make: Callable[[Array, int], NDArray[Any]], number: int) -> Instance:
    """Return an estimator fitted on half of the rows.

    Number 1 is fitted with weights, 2 on one column, 3 on rows with gaps if the estimator takes them, and on a column
    that never changes if it does not.
    """
    rows = make_rows(number, 1 if number == 2 else N_FEATURES)
    if number == 3 and estimator.__sklearn_tags__().input_tags.allow_nan:
        rows = add_gaps(rows, number)
    elif number == 3:
        rows[:, 1] = 2.0
    target = make(rows, number)
    weights = np.random.default_rng(number).random(N_ROWS // 2) if number == 1 else None
    return Instance(estimator.fit(rows[::2], target[::2], sample_weight=weights), rows)


TREE: tuple[Parameters, ...] = (
    {"max_depth": 1, "random_state": 0},
    {"max_leaf_nodes": 40, "random_state": 1},
    {"random_state": 2},
    {"min_samples_leaf": 20, "random_state": 3},
    {"min_samples_split": 10_000, "random_state": 4},  # no split at all
)
FOREST: tuple[Parameters, ...] = (
    {"n_estimators": 20, "random_state": 0},
    {"n_estimators": 10, "max_leaf_nodes": 50, "random_state": 1},
    {"n_estimators": 5, "random_state": 2, "bootstrap": False, "max_features": 1},
    {"n_estimators": 100, "min_samples_leaf": 5, "random_state": 3},
)

TREES = (
    Family("DecisionTreeRegressor", regressors(DecisionTreeRegressor, *TREE), len(TREE), timed=1),
    Family("DecisionTreeClassifier", classifiers(DecisionTreeClassifier, *TREE), len(TREE), timed=1),
    Family("ExtraTreeRegressor", regressors(ExtraTreeRegressor, *TREE), len(TREE), timed=1),
    Family("ExtraTreeClassifier", classifiers(ExtraTreeClassifier, *TREE), len(TREE), timed=1),
    Family("RandomForestRegressor", regressors(RandomForestRegressor, *FOREST), len(FOREST)),
    Family("RandomForestClassifier", classifiers(RandomForestClassifier, *FOREST), len(FOREST)),
    Family("ExtraTreesRegressor", regressors(ExtraTreesRegressor, *FOREST), len(FOREST)),
    Family("ExtraTreesClassifier", classifiers(ExtraTreesClassifier, *FOREST), len(FOREST)),
)
