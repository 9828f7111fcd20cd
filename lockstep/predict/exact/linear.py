"""Linear models: products of columns and coefficients, added by halves, and the intercept at the end.

The order of the additions depends on the number of columns alone (see `sum_rows`), so a row has the same bits alone,
among others, and on every CPU. scikit-learn leaves the order to its BLAS library, so the last digits of its sums are
other ones. NaN in a row makes its sums NaN.
"""

from typing import Literal

import numpy as np

from lockstep.data.bars import Array
from lockstep.features.windows import sum_rows
from lockstep.predict.exact.exponential import logistic, softmax
from lockstep.predict.exact.form import Estimate, Estimator, Labels, check_floats, label_array, require
from lockstep.predict.stages import DECISION, PREDICTION, PROBA, Stages

MAX_PRODUCTS = 1 << 16
"""So many products are held at a time, unless one row has more columns."""

SMALLEST_DECISION = -709.782712893384
"""Below it, the logistic value of a class is 0 for scikit-learn, whose exp(-x) is infinite."""

Link = Literal["none", "logistic", "softmax", "one_vs_rest", "huber"]
"""How decision values become probabilities.

Of two classes, the second has the `logistic` value of the decision or, for `huber`, the decision cut at -1 and 1, plus
1, over 2. Of more, `softmax` is that of LogisticRegression; `one_vs_rest` divides each class's logistic value by their
sum.
"""

LINKS_OF_TWO, LINKS_OF_MORE = ("none", "logistic", "huber"), ("none", "softmax", "one_vs_rest")


class LinearRegressor(Estimator, frozen=True, tag="linear_regressor"):
    """A linear regression of one output; `coefficients` is float64 (n_inputs,)."""

    coefficients: np.ndarray
    intercept: float

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `prediction`."""
        require(n_inputs >= 1, "a linear regression reads no column")
        check_floats(self.coefficients, (n_inputs,), "coefficients of a linear regression")
        coefficients, intercept = self.coefficients[:, None], np.array([self.intercept])
        check_floats(intercept, (1,), "intercept of a linear regression")

        def estimate(inputs: Array) -> Stages:
            return {PREDICTION: sum_products(inputs, coefficients, intercept)[:, 0]}

        return estimate


class LinearClassifier(Estimator, frozen=True, tag="linear_classifier"):
    """A linear classifier: one decision value for two classes, one a class for more.

    `coefficients` is float64 (n_inputs, n_values) and `intercepts` (n_values,). Of two classes the second is predicted
    where the decision is above 0; of more, the one whose decision is the largest, the first of equals.
    """

    coefficients: np.ndarray
    intercepts: np.ndarray
    classes: Labels
    link: Link

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `decision`, `proba` if there is a link, `prediction`."""
        classes = label_array(self.classes)
        require(
            n_inputs >= 1 and classes.size >= 2, "a linear classifier reads no column, or has fewer than two classes"
        )
        n_values = 1 if classes.size == 2 else classes.size
        check_floats(self.coefficients, (n_inputs, n_values), "coefficients of a linear classifier")
        check_floats(self.intercepts, (n_values,), "intercepts of a linear classifier")
        links = LINKS_OF_TWO if n_values == 1 else LINKS_OF_MORE
        require(self.link in links, f"{self.link} is not the link of {classes.size} classes")

        def estimate(inputs: Array) -> Stages:
            decision = sum_products(inputs, self.coefficients, self.intercepts)
            if n_values == 1:
                decision = decision[:, 0]
            chosen = decision.argmax(axis=1) if n_values > 1 else (decision > 0.0).astype(np.int64)
            proba = {} if self.link == "none" else {PROBA: _find_probabilities(decision, self.link)}
            return {DECISION: decision, **proba, PREDICTION: classes[chosen]}

        return estimate


def sum_products(inputs: Array, coefficients: Array, intercepts: Array) -> Array:
    """Return inputs (n, k) times coefficients (k, m), plus intercepts (m,), as float64 (n, m)."""
    (n_rows, n_columns), n_values = inputs.shape, intercepts.size
    sums = np.empty((n_values, n_rows))
    values_at_once = min(n_values, max(1, MAX_PRODUCTS // n_columns))
    rows_at_once = max(1, MAX_PRODUCTS // (n_columns * values_at_once))
    with np.errstate(over="ignore", invalid="ignore"):  # huge inputs give infinite sums, as they do in scikit-learn
        for value in range(0, n_values, values_at_once):
            values = slice(value, value + values_at_once)
            for row in range(0, n_rows, rows_at_once):
                rows = slice(row, row + rows_at_once)
                products = np.multiply(inputs[rows].T[:, None, :], coefficients[:, values, None], order="C")
                sums[values, rows] = sum_rows(products) + intercepts[values, None]
    return sums.T


def _find_probabilities(decision: Array, link: Link) -> Array:
    """Return the probabilities (n, n_classes) of decision values, (n,) for two classes or (n, n_classes)."""
    if link == "softmax":
        return softmax(decision)
    if link == "one_vs_rest":
        return _normalize(np.where(decision < SMALLEST_DECISION, 0.0, logistic(decision)))
    share = logistic(decision) if link == "logistic" else (np.minimum(np.maximum(decision, -1.0), 1.0) + 1.0) / 2.0
    return np.stack([1.0 - share, share], axis=1)


def _normalize(shares: Array) -> Array:
    """Return shares (n, k) over their sum, the columns added in their order; a row of zeros is shared equally."""
    total = shares[:, 0]
    for column in range(1, shares.shape[1]):
        total = total + shares[:, column]
    nothing = total == 0.0
    shares = np.where(nothing[:, None], 1.0, shares)
    return shares / np.where(nothing, float(shares.shape[1]), total)[:, None]
