"""The exact forms of scalers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from lockstep.predict.derive.families import Derive, Derived
from lockstep.predict.exact.composition import AnyStep
from lockstep.predict.exact.scaling import Bounds, MinMax, Standard


def derive_standard(scaler: StandardScaler) -> Derived[AnyStep]:
    """Return the form of a StandardScaler, with or without mean and deviation."""
    mean = _floats(scaler.mean_) if scaler.with_mean else None
    return Derived(Standard(mean, _floats(scaler.scale_) if scaler.with_std else None))


def derive_robust(scaler: RobustScaler) -> Derived[AnyStep]:
    """Return the form of a RobustScaler, with or without centering and scaling."""
    center = _floats(scaler.center_) if scaler.with_centering else None
    return Derived(Standard(center, _floats(scaler.scale_) if scaler.with_scaling else None))


def derive_max_abs(scaler: MaxAbsScaler) -> Derived[AnyStep]:
    """Return the form of a MaxAbsScaler, clipped or not."""
    bounds = (-1.0, 1.0) if getattr(scaler, "clip", False) else None  # older versions of scikit-learn never clip
    return Derived(Standard(None, _floats(scaler.scale_), bounds))


def derive_min_max(scaler: MinMaxScaler) -> Derived[AnyStep]:
    """Return the form of a MinMaxScaler, clipped or not."""
    return Derived(MinMax(_floats(scaler.scale_), _floats(scaler.min_), _bounds(scaler) if scaler.clip else None))


def scale_sparse(step: AnyStep) -> AnyStep:
    """Return the step as it treats a sparse matrix: scikit-learn multiplies its numbers by 1 over the scale."""
    if not isinstance(step, Standard) or step.scale is None:
        return step
    return MinMax(1.0 / step.scale, None, step.bounds)


def _bounds(scaler: MinMaxScaler) -> Bounds:
    low, high = scaler.feature_range
    return float(low), float(high)


def _floats(values: Any) -> NDArray[np.float64]:
    return np.array(values, np.float64)


STEPS: dict[type, Derive[AnyStep]] = {
    MaxAbsScaler: derive_max_abs,
    MinMaxScaler: derive_min_max,
    RobustScaler: derive_robust,
    StandardScaler: derive_standard,
}
