"""Checks that every family needs: arrays of a shape and type, of finite numbers, and whole numbers inside bounds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import InvalidBundle


def require(holds: bool | np.bool_, owner: object, what: str) -> None:
    """Raise `InvalidBundle`, naming the class of the owner, unless the condition holds."""
    if not holds:
        raise InvalidBundle(f"the {type(owner).__name__}'s {what}")


def count_inputs(owner: Any) -> int:
    """Return how many columns a fitted estimator reads."""
    n_inputs: Any = getattr(owner, "n_features_in_", None)
    require(type(n_inputs) is int and n_inputs > 0, owner, "number of columns is missing")
    return int(n_inputs)


def check_floats(owner: object, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the attribute; raise `InvalidBundle` unless it is finite float64 of this shape."""
    values: Any = getattr(owner, name, None)
    require(isinstance(values, np.ndarray) and values.dtype == np.float64, owner, f"{name} is no array of float64")
    require(values.shape == shape, owner, f"{name} has shape {values.shape}, not {shape}")
    require(np.isfinite(values).all(), owner, f"{name} is not finite")
    return values


def check_indices(owner: object, name: str, values: Any, stop: int) -> NDArray[np.integer[Any]]:
    """Return the values; raise `InvalidBundle` unless they are an array of whole numbers from 0 to below `stop`."""
    require(isinstance(values, np.ndarray) and values.dtype.kind in "iu", owner, f"{name} is no array of whole numbers")
    require(((values >= 0) & (values < stop)).all(), owner, f"{name} points outside")
    return values
