"""Polynomial terms of at most degree 2, of which only those are made that the estimator reads."""

import numpy as np

from lockstep.predict.exact.form import MAX_COLUMNS, Inputs, Kinds, Step, Transform, numbers, require, require_numbers


class Terms(Step, frozen=True, tag="terms"):
    """The products of two columns each; column k, one beyond the last, stands for the constant 1.

    `first` and `second` are int64 (n_terms,).
    """

    first: np.ndarray
    second: np.ndarray

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        n_columns = require_numbers(kinds, "PolynomialFeatures")
        require(self.first.size <= MAX_COLUMNS, f"{self.first.size} terms; at most {MAX_COLUMNS}")
        for factors in (self.first, self.second):
            require(factors.dtype == np.int64 and factors.shape == (self.first.size,), "the terms are not pairs")
            require(((factors >= 0) & (factors <= n_columns)).all(), "a term reads a column that is not there")

        def transform(inputs: Inputs) -> Inputs:
            with_one = np.empty((n_columns + 1, len(inputs)))
            with_one[:-1] = inputs.T  # type: ignore[union-attr]  # numbers only, see above
            with_one[-1] = 1.0
            return (with_one.take(self.first, axis=0) * with_one.take(self.second, axis=0)).T

        return numbers(self.first.size), transform
