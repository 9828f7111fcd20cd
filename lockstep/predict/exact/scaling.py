"""Scalers: each column for itself. A missing number, NaN, stays missing."""

import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.exact.columns import matrix_of
from lockstep.predict.exact.form import Inputs, Kinds, Step, Transform, check_floats, require, require_numbers

Bounds = tuple[float, float]
"""What a clipping scaler limits its outputs to."""


class Standard(Step, frozen=True, omit_defaults=True, tag="standard"):
    """Less the center, over the scale, in this order; both (k,), None where the scaler leaves that out.

    A StandardScaler (mean and deviation), a RobustScaler (median and range), or a MaxAbsScaler, which has no center.
    """

    center: np.ndarray | None
    scale: np.ndarray | None
    bounds: Bounds | None = None

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        n_columns = require_numbers(kinds, "a scaler")
        if self.center is not None:
            check_floats(self.center, (n_columns,), "center of a scaler")
        if self.scale is not None:
            _check_above_zero(self.scale, n_columns)
        _check_bounds(self.bounds)
        return kinds, self._transform

    def _transform(self, inputs: Inputs) -> Inputs:
        outputs = matrix_of(inputs)
        if self.center is not None:
            outputs = outputs - self.center
        if self.scale is not None:
            outputs = outputs / self.scale
        return outputs if self.bounds is None else limit(outputs, self.bounds)


class MinMax(Step, frozen=True, omit_defaults=True, tag="min_max"):
    """Times the factor, plus the shift, in this order; both (k,), the shift None where there is none."""

    factor: np.ndarray
    shift: np.ndarray | None
    bounds: Bounds | None = None

    def compile(self, kinds: Kinds) -> tuple[Kinds, Transform]:
        """Return the kinds of the outputs and the function that makes them."""
        n_columns = require_numbers(kinds, "a scaler")
        _check_above_zero(self.factor, n_columns)
        if self.shift is not None:
            check_floats(self.shift, (n_columns,), "shift of a scaler")
        _check_bounds(self.bounds)
        return kinds, self._transform

    def _transform(self, inputs: Inputs) -> Inputs:
        outputs = matrix_of(inputs) * self.factor
        if self.shift is not None:
            outputs = outputs + self.shift
        return outputs if self.bounds is None else limit(outputs, self.bounds)


def limit(values: Array, bounds: Bounds) -> Array:
    """Return the values, those beyond a bound replaced by it; NaN stays NaN.

    Written as comparisons: `numpy.minimum` and `maximum` do not promise which of 0.0 and -0.0 they return.
    """
    low, high = bounds
    missing = np.isnan(values)
    raised = np.where(missing | (values > low), values, low)
    return np.where(missing | (raised < high), raised, high)


def _check_above_zero(scale: np.ndarray, n_columns: int) -> None:
    check_floats(scale, (n_columns,), "scale of a scaler")
    require((scale > 0.0).all(), "scale of a scaler: not above 0")


def _check_bounds(bounds: Bounds | None) -> None:
    if bounds is not None:
        require(-np.inf < bounds[0] < bounds[1] < np.inf, "bounds of a scaler: not two finite numbers in order")
