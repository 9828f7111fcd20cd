"""What parity demands of an output: `bits`, `labels`, or a relative tolerance such as `tolerance 1e-12`.

`bits`: the same 64 bits, or the same label. `labels`: the same label; of numbers beside it nothing is promised.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bits import same_bits
from lockstep.errors import InvalidBundle

BITS, LABELS = "bits", "labels"
TOLERANCE = re.compile(r"tolerance (1e-\d{1,2})")

Mask = NDArray[np.bool_]


def check_guarantee(guarantee: str) -> None:
    """Raise `InvalidBundle` for what is no guarantee."""
    if guarantee not in (BITS, LABELS) and not TOLERANCE.fullmatch(guarantee):
        raise InvalidBundle(f"{guarantee[:40]!r} is no guarantee; expected bits, labels or one like: tolerance 1e-12")


def find_broken(guarantee: str, expected: NDArray[Any], found: NDArray[Any]) -> Mask:
    """Return which elements of `found` are not as the guarantee demands; both are of one shape.

    A tolerance is relative to the larger of two numbers. Labels always have to be equal.
    """
    if expected.dtype.kind != "f" or found.dtype.kind != "f":
        return np.asarray(expected != found)
    if guarantee == LABELS:
        return np.zeros(expected.shape, np.bool_)
    differs = ~same_bits(expected, found)
    if guarantee == BITS or not differs.any():
        return differs
    tolerated = float(guarantee.split()[1]) * np.maximum(np.abs(expected), np.abs(found))
    return differs & ~(np.abs(expected - found) <= tolerated)
