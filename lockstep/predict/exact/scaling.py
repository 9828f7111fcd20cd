"""Scalers: each column for itself."""

import numpy as np

from lockstep.predict.exact.form import Inputs, Kinds, Step, Transform, check_floats, require, require_numbers


class Standard(Step, frozen=True, tag="standard"):
    """A StandardScaler: less the mean, over the deviation, in this order; both (k,)."""

    center: np.ndarray
    scale: np.ndarray

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        n_columns = require_numbers(kinds, "StandardScaler")
        check_floats(self.center, (n_columns,), "center of StandardScaler")
        check_floats(self.scale, (n_columns,), "scale of StandardScaler")
        require((self.scale > 0.0).all(), "scale of StandardScaler: not above 0")

        def transform(inputs: Inputs) -> Inputs:
            return (inputs - self.center) / self.scale

        return kinds, transform
