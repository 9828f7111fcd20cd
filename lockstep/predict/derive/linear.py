"""The exact forms of linear models."""

from typing import Any

import numpy as np
from sklearn import linear_model as models
from sklearn.svm import LinearSVC, LinearSVR

from lockstep.data.bars import Array
from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.derive.labels import read_labels
from lockstep.predict.exact.forms import AnyEstimator
from lockstep.predict.exact.linear import LinearClassifier, LinearRegressor, Link

ROUNDING = 2.0**-53
"""The largest relative error of one rounded operation."""


def sum_bound(n_columns: int) -> float:
    """Return how far two sums of the same products and an intercept can be from each other.

    It is relative to the sum of the magnitudes of their terms. In any order, a term takes part in at most
    `n_columns` additions and its product is rounded once; added by halves, it takes part in one addition a
    halving, one if it was the odd one out of each, and that of the intercept.
    """
    in_any_order = n_columns + 1
    by_halves = 2 * n_columns.bit_length() + 2
    return (in_any_order + by_halves) * ROUNDING


def derive_regressor(regressor: Any) -> Derived[AnyEstimator]:
    """Return the form of a linear regression of one output."""
    coefficients, intercepts = _read_weights(regressor)
    if coefficients.shape[1] != 1:
        raise NoExactForm(f"{type(regressor).__qualname__} of {coefficients.shape[1]} outputs")
    form = LinearRegressor(coefficients[:, 0].copy(), float(intercepts[0]))
    return Derived(form, sum_bound(len(coefficients)))


def derive_classifier(classifier: Any) -> Derived[AnyEstimator]:
    """Return the form of a linear classifier without probabilities."""
    return _derive_linked(classifier, "none")


def derive_logistic(classifier: Any) -> Derived[AnyEstimator]:
    """Return the form of a logistic regression."""
    return _derive_linked(classifier, "logistic" if len(classifier.classes_) == 2 else "softmax")


def derive_sgd_classifier(classifier: models.SGDClassifier) -> Derived[AnyEstimator]:
    """Return the form of an SGDClassifier, which has probabilities for two of its losses."""
    binary = len(classifier.classes_) == 2
    links: dict[str, Link] = {"log_loss": "logistic" if binary else "one_vs_rest", "modified_huber": "huber"}
    if classifier.loss == "modified_huber" and not binary:
        # they divide by a sum that can be 0 and next to it anything: no bound holds for the quotients
        raise NoExactForm("SGDClassifier of loss modified_huber with more than two classes: its probabilities")
    return _derive_linked(classifier, links.get(classifier.loss, "none"))


def derive_ridge_classifier(classifier: Any) -> Derived[AnyEstimator]:
    """Return the form of a RidgeClassifier that is not a multilabel one."""
    if classifier._label_binarizer.y_type_.startswith("multilabel"):
        raise NoExactForm(f"{type(classifier).__qualname__} of several outputs")
    return derive_classifier(classifier)


def _derive_linked(classifier: Any, link: Link) -> Derived[AnyEstimator]:
    labels = read_labels(classifier)
    coefficients, intercepts = _read_weights(classifier)
    return Derived(LinearClassifier(coefficients, intercepts, labels, link), sum_bound(len(coefficients)))


def _read_weights(fitted: Any) -> tuple[Array, Array]:
    """Return coefficients (k, m) and intercepts (m,) as float64, which holds every float32."""
    coefficients = fitted.coef_.toarray() if hasattr(fitted.coef_, "toarray") else fitted.coef_  # after sparsify()
    coefficients = np.ascontiguousarray(np.atleast_2d(coefficients).T, np.float64)
    intercepts = np.ravel(np.asarray(fitted.intercept_, np.float64))
    if intercepts.size == 1:  # one 0.0 stands for all outputs of a model without intercepts
        intercepts = np.repeat(intercepts, coefficients.shape[1])
    return coefficients, intercepts


REGRESSORS = (
    *(models.LinearRegression, models.Ridge, models.RidgeCV, models.BayesianRidge),
    *(models.Lasso, models.LassoCV, models.ElasticNet, models.ElasticNetCV),
    *(models.LassoLars, models.HuberRegressor),
    *(models.SGDRegressor, LinearSVR),
)

ESTIMATORS: dict[type, Derive[AnyEstimator]] = {
    **dict.fromkeys(REGRESSORS, derive_regressor),
    models.LogisticRegression: derive_logistic,
    models.LogisticRegressionCV: derive_logistic,
    models.SGDClassifier: derive_sgd_classifier,
    models.RidgeClassifier: derive_ridge_classifier,
    models.Perceptron: derive_classifier,
    LinearSVC: derive_classifier,
}
