"""Fitted linear models, and the baselines that answer the same for every row."""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import linear_model as models
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC, LinearSVR
from sklearn.utils.validation import has_fit_parameter

from lockstep.data.bars import Array
from qa.exact.instances import Family, Instance

BLAS = 2e-13
"""How far, relative to the largest term of the sum, a sum in a fixed order is from the one of a BLAS."""

N_ROWS = 1_000
N_FEATURES = (20, 1, 200, 7)
"""Columns of the instances number 0, 1, …; of the last one, three are constant."""

LABELS: tuple[list[Any], ...] = ([0, 1], ["no", "yes"], ["high", "low", "none", "same"], [False, True])
"""Classes of the instances number 0, 1, …."""


def make_rows(number: int) -> Array:
    """Return random rows (n, k) whose columns have scales of their own."""
    random = np.random.default_rng(number)
    n_features = N_FEATURES[number]
    rows = random.normal(size=(N_ROWS, n_features)) * 10.0 ** random.uniform(-0.5, 0.5, n_features)
    if number == len(N_FEATURES) - 1:
        rows[:, :3] = 1.5
    return rows


def fit_regressor(make: Callable[..., Any], number: int) -> Instance:
    """Return a regressor fitted on half of the rows; the one numbered 1 has no intercept."""
    rows = make_rows(number)
    noise = np.random.default_rng(number).normal(size=N_ROWS)
    target = rows @ np.linspace(-1.0, 2.0, rows.shape[1]) + 3.0 + noise
    return Instance(fit_quietly(make(**({"fit_intercept": False} if number == 1 else {})), rows, target), rows)


def fit_classifier(make: Callable[..., Any], number: int) -> Instance:
    """Return a classifier fitted on half of the rows, with weights."""
    rows = make_rows(number)
    return Instance(fit_quietly(make(), rows, make_labels(rows, number)), rows)


def fit_dummy(make: Callable[..., Any], number: int) -> Instance:
    """Return a baseline fitted on half of the rows."""
    rows = make_rows(number)
    labels = make_labels(rows, number)
    target = labels if make.func is DummyClassifier else rows[:, 0]  # type: ignore[attr-defined]  # all are partial
    return Instance(make().fit(rows[::2], target[::2]), rows)


def make_labels(rows: Array, number: int) -> NDArray[Any]:
    """Return a label for each row, which depends on the last column and on chance."""
    spread = rows[:, -1] / rows[:, -1].std() + np.random.default_rng(number).normal(scale=0.5, size=N_ROWS)
    classes = np.array(LABELS[number])
    shares = np.linspace(0.0, 1.0, classes.size + 1)[1:-1]
    return classes[np.searchsorted(np.quantile(spread, shares), spread)]


def fit_quietly(model: Any, rows: Array, target: NDArray[Any]) -> Any:
    """Return the model fitted on half of the rows, with weights where it takes them."""
    weights = np.random.default_rng(0).uniform(0.5, 2.0, len(rows[::2]))
    weighted = {"sample_weight": weights} if has_fit_parameter(model, "sample_weight") else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a model that did not converge predicts as well
        return model.fit(rows[::2], target[::2], **weighted)


def list_families() -> Iterator[Family]:
    """Yield the linear families and the baselines."""
    n_instances = len(N_FEATURES)
    for name, make in REGRESSORS.items():
        yield Family(name, partial(fit_regressor, make), n_instances, BLAS)
    for name, make in CLASSIFIERS.items():
        yield Family(name, partial(fit_classifier, make), n_instances, BLAS)
    for name, make in DUMMIES.items():
        yield Family(name, partial(fit_dummy, make), n_instances)


REGRESSORS: dict[str, Callable[..., Any]] = {
    "LinearRegression": models.LinearRegression,
    "Ridge": models.Ridge,
    "Lasso": partial(models.Lasso, alpha=0.1),
    "ElasticNet": partial(models.ElasticNet, alpha=0.1),
    "BayesianRidge": models.BayesianRidge,
    "HuberRegressor": models.HuberRegressor,
    "LassoLars": models.LassoLars,
    "SGDRegressor": partial(models.SGDRegressor, eta0=1e-4, random_state=1),
    "LinearSVR": partial(LinearSVR, random_state=1),
}
CLASSIFIERS: dict[str, Callable[..., Any]] = {
    "LogisticRegression": models.LogisticRegression,
    "SGDClassifier": partial(models.SGDClassifier, random_state=1),
    "SGDClassifier(log_loss)": partial(models.SGDClassifier, loss="log_loss", random_state=1),
    "LinearSVC": partial(LinearSVC, random_state=1),
    "RidgeClassifier": models.RidgeClassifier,
    "Perceptron": partial(models.Perceptron, random_state=1),
}
DUMMIES: dict[str, Callable[..., Any]] = {
    "DummyRegressor(mean)": partial(DummyRegressor),
    "DummyRegressor(median)": partial(DummyRegressor, strategy="median"),
    "DummyClassifier(prior)": partial(DummyClassifier),
    "DummyClassifier(most_frequent)": partial(DummyClassifier, strategy="most_frequent"),
}

LINEAR = tuple(list_families())
