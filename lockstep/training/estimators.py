"""Estimators and scalers by name, made so that the same bars and recipe give the same bytes."""

import numbers
from typing import Any, Literal

from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lockstep.bundles.pickles import allowed
from lockstep.errors import TrainingError
from lockstep.training.specs import parse_spec

Kind = Literal["regressor", "classifier"]
REGRESSOR: Kind = "regressor"
CLASSIFIER: Kind = "classifier"

REGRESSORS: dict[str, type[BaseEstimator]] = {
    "tree": DecisionTreeRegressor,
    "forest": RandomForestRegressor,
    "extra-trees": ExtraTreesRegressor,
    "boosting": GradientBoostingRegressor,
    "hist-boosting": HistGradientBoostingRegressor,
    "linear": LinearRegression,
    "ridge": Ridge,
    "lasso": Lasso,
    "elastic-net": ElasticNet,
    "sgd": SGDRegressor,
    "linear-svm": LinearSVR,
    "dummy": DummyRegressor,
}
CLASSIFIERS: dict[str, type[BaseEstimator]] = {
    "tree": DecisionTreeClassifier,
    "forest": RandomForestClassifier,
    "extra-trees": ExtraTreesClassifier,
    "boosting": GradientBoostingClassifier,
    "hist-boosting": HistGradientBoostingClassifier,
    "logistic": LogisticRegression,
    "ridge": RidgeClassifier,
    "sgd": SGDClassifier,
    "linear-svm": LinearSVC,
    "dummy": DummyClassifier,
}
ESTIMATORS = {REGRESSOR: REGRESSORS, CLASSIFIER: CLASSIFIERS}
SCALERS: dict[str, type[BaseEstimator]] = {
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
    "maxabs": MaxAbsScaler,
}
NO_SCALER = "none"
SEED = 1
"""Where a random state is left open: without one, the same bars would give another bundle each time."""


def parse_estimator(spec: str, kind: Kind = REGRESSOR) -> BaseEstimator:
    """Return the unfitted estimator that `spec` describes, a short name or a class of scikit-learn; see `parse_spec`.

    Raises `TrainingError` for what is not of `kind`.
    """
    name, own = spec.partition("(")[0].strip(), ESTIMATORS[kind]
    of_another_kind = {each: made for names in ESTIMATORS.values() for each, made in names.items() if each not in own}
    estimator = parse_spec(spec, of_another_kind if name in of_another_kind else own)  # the kind is refused below
    found = (type(estimator).__module__, type(estimator).__qualname__)
    if found not in allowed.ESTIMATORS:
        raise TrainingError(
            f"{'.'.join(found)} is not among the classes that a bundle may hold; see docs/estimators.md, or choose one "
            f"of {', '.join(ESTIMATORS[kind])}"
        )
    check_kind(estimator, kind)
    return estimator


def parse_scaler(spec: str) -> BaseEstimator | None:
    """Return the unfitted scaler that `spec` describes, None for `none`; raise `TrainingError`."""
    if spec == NO_SCALER:
        return None
    scaler = parse_spec(spec, SCALERS, "scaler", (NO_SCALER,))
    if not hasattr(scaler, "transform"):
        raise TrainingError(f"{type(scaler).__name__} does not transform; expected {', '.join(SCALERS)} or {NO_SCALER}")
    return scaler


def check_kind(estimator: BaseEstimator, kind: Kind) -> None:
    """Raise `TrainingError` for an estimator, or a Pipeline that ends in one, that is not of `kind`."""
    is_kind = is_classifier if kind == CLASSIFIER else is_regressor
    if not is_kind(estimator):
        needs = "labels, and so a classifier" if kind == CLASSIFIER else "numbers, and so a regressor"
        raise TrainingError(
            f"{type(estimator).__name__} is no {kind}; the target is made of {needs}: {', '.join(ESTIMATORS[kind])}, …"
        )


def make_repeatable(estimator: BaseEstimator) -> tuple[BaseEstimator, list[str]]:
    """Return an unfitted copy that learns the same from the same rows, and what was set for that, for people.

    An open `random_state` becomes `SEED`; `n_jobs` becomes None, since one row is answered faster without threads.
    Raises `TrainingError` for a random state that is no number: it would be another one at the next fit.
    """
    chosen: dict[str, Any] = {}
    copy: BaseEstimator = clone(estimator)
    for name, value in copy.get_params().items():
        parameter = name.rpartition("__")[2]
        if parameter == "random_state" and value is None:
            chosen[name] = SEED
        elif parameter == "random_state" and not isinstance(value, numbers.Integral):
            raise TrainingError(f"{name} is a {type(value).__name__}; expected a whole number, such as {SEED}")
        elif parameter == "n_jobs" and value is not None:
            chosen[name] = None
    return copy.set_params(**chosen), [f"{name}={value}" for name, value in chosen.items()]


def fit_estimator(estimator: BaseEstimator, features: Any, targets: Any) -> BaseEstimator:
    """Return the estimator, fitted; raise `TrainingError` with scikit-learn's reason if it cannot be."""
    try:
        fitted: BaseEstimator = estimator.fit(features, targets)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise TrainingError(f"{type(estimator).__name__} cannot be fitted: {error}") from error
    return fitted
