"""The exact form of polynomial features."""

import numpy as np
from sklearn.preprocessing import PolynomialFeatures

from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import Derive, Derived, NoExactForm
from lockstep.predict.exact.forms import AnyStep
from lockstep.predict.exact.terms import Terms

MAX_DEGREE = 2


def derive_terms(polynomial: PolynomialFeatures) -> Derived[AnyStep]:
    """Return the form of polynomial features of degree 1 or 2."""
    if polynomial.degree not in range(1, MAX_DEGREE + 1):
        raise NoExactForm(f"PolynomialFeatures of degree {polynomial.degree}; 1 to {MAX_DEGREE} have an exact form")
    if polynomial._max_degree != polynomial.degree:
        raise InvalidBundle(f"PolynomialFeatures was fitted with degree {polynomial._max_degree}")
    powers = polynomial.powers_
    n_columns = powers.shape[1]
    factors = [np.repeat(np.arange(n_columns), row).tolist() for row in powers]
    padded = np.array([row + [n_columns] * (MAX_DEGREE - len(row)) for row in factors], dtype=np.int64)
    first, second = padded.reshape(-1, MAX_DEGREE).T
    return Derived(Terms(first.copy(), second.copy()))


STEPS: dict[type, Derive[AnyStep]] = {PolynomialFeatures: derive_terms}
