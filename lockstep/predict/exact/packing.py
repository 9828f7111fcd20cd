"""Arrays in MessagePack: dtype, shape and bytes, each checked before numpy sees it."""

from typing import Any

import msgspec
import numpy as np

DTYPES = ("<f8", "<f4", "<i8", "<i4", "|u1", "|b1")
MAX_DIMENSIONS = 4


class _PackedArray(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    dtype: str
    shape: tuple[int, ...]
    data: bytes


def pack_array(value: Any) -> _PackedArray:
    """Return what `msgspec` writes for an array: little-endian, in C order; raise `NotImplementedError` otherwise."""
    if not isinstance(value, np.ndarray):
        raise NotImplementedError(f"a {type(value).__name__} has no place in an exact form")
    little = np.asarray(value, value.dtype.newbyteorder("<"), order="C")
    if little.dtype.str not in DTYPES:
        raise NotImplementedError(f"an array of {little.dtype} has no place in an exact form")
    return _PackedArray(little.dtype.str, little.shape, little.tobytes())


def unpack_array(expected: type, value: Any) -> np.ndarray:
    """Return the read-only array in what was read; raise `ValueError` unless shape and bytes agree.

    No memory is allocated for a shape: the array is a view of the bytes that are there.
    """
    packed = msgspec.convert(value, _PackedArray)
    if expected is not np.ndarray or packed.dtype not in DTYPES:
        raise ValueError(f"an array of {packed.dtype[:20]}")
    if len(packed.shape) > MAX_DIMENSIONS or min(packed.shape, default=0) < 0:
        raise ValueError("an array of an impossible shape")
    if packed.dtype == "|b1" and not set(packed.data) <= {0, 1}:
        raise ValueError("a truth value that is neither 0 nor 1")
    return np.frombuffer(packed.data, packed.dtype).reshape(packed.shape)
