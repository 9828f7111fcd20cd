"""The exact form of polynomial features."""

import numpy as np
from sklearn.preprocessing import PolynomialFeatures

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.exact.composition import AnyStep
from lockstep.predict.exact.form import MAX_COLUMNS
from lockstep.predict.exact.terms import Terms

MAX_DEGREE = 2


def derive_terms(polynomial: PolynomialFeatures) -> Derived[AnyStep]:
    """Return the form of polynomial features of degree 0 to 2, or of a range of those."""
    degree = polynomial.degree
    lowest, highest = degree if isinstance(degree, tuple) else (0, degree)
    if highest not in range(MAX_DEGREE + 1):
        raise NoExactForm(f"PolynomialFeatures of degree {highest}; up to {MAX_DEGREE} have an exact form")
    if (polynomial._min_degree, polynomial._max_degree) != (lowest, highest):
        raise InvalidBundle(f"PolynomialFeatures was fitted with degree {polynomial._max_degree}")
    if max(polynomial.n_output_features_, polynomial.n_features_in_**highest / 2) > MAX_COLUMNS:
        raise NoExactForm(f"PolynomialFeatures of {polynomial.n_features_in_} columns; at most {MAX_COLUMNS} terms")
    powers = polynomial.powers_
    n_columns = powers.shape[1]
    factors = [np.repeat(np.arange(n_columns), row).tolist() for row in powers]
    padded = np.array([row + [n_columns] * (MAX_DEGREE - len(row)) for row in factors], dtype=np.int64)
    first, second = padded.reshape(-1, MAX_DEGREE).T
    return Derived(Terms(first.copy(), second.copy()))


STEPS: dict[type, Derive[AnyStep]] = {PolynomialFeatures: derive_terms}
