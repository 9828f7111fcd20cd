"""Numbers compared as the machine stores them."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def same_bits(left: ArrayLike, right: ArrayLike) -> NDArray[np.bool_]:
    """Return for each element whether its 64 bits are the same; NaN equals NaN, 0.0 does not equal -0.0."""
    return np.asarray(np.asarray(left).view(np.int64) == np.asarray(right).view(np.int64))


def ulp_distance(left: float, right: float) -> int | None:
    """Return how many float64 steps lie between the two, None if one is not finite."""
    if not (math.isfinite(left) and math.isfinite(right)):
        return None
    first, second = float_ordinals(np.array([left, right], dtype=np.float64)).tolist()
    return abs(first - second)


def float_ordinals(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the place of each float32 or float64 among all of its type, counted from zero."""
    signed = np.dtype(f"i{values.itemsize}")
    bits = values.view(signed).astype(np.int64)
    # a negative float has the sign bit set and counts up as it falls
    return np.where(bits >= 0, bits, -(bits & np.iinfo(signed).max))
