"""What parity demands of an output: `bits`, `labels`, a relative tolerance such as `tolerance 1e-12`, or `nothing`.

`bits`: the same 64 bits, or the same label. `labels`: the same label; it is given to predictions alone. `nothing` is
what is promised of probabilities that are computed in another order elsewhere, beside labels that are the same.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bits import same_bits
from lockstep.errors import InvalidBundle
from lockstep.predict.stages import PREDICTION, PROBA

BITS, LABELS, NOTHING = "bits", "labels", "nothing"
TOLERANCE = re.compile(r"tolerance (1e-\d{1,2})")

Mask = NDArray[np.bool_]


def check_guarantee(guarantee: str) -> None:
    """Raise `InvalidBundle` for what is no guarantee."""
    if guarantee not in (BITS, LABELS, NOTHING) and not TOLERANCE.fullmatch(guarantee):
        raise InvalidBundle(
            f"{guarantee[:40]!r} is no guarantee; expected bits, labels, nothing or one like: tolerance 1e-12"
        )


def describe_kept(guarantees: Mapping[str, str]) -> str:
    """Return how outputs were found again that keep their guarantees, such as "to the bit", for people."""
    if set(guarantees.values()) == {BITS}:
        return "to the bit"
    return f"as guaranteed ({describe_guarantees(guarantees)})"


def check_guarantees(guarantees: Mapping[str, str]) -> None:
    """Raise `InvalidBundle` unless the prediction and no other than the two outputs have guarantees that there are."""
    if not {PREDICTION} <= set(guarantees) <= {PREDICTION, PROBA}:
        raise InvalidBundle(f"guarantees of {sorted(guarantees)}; expected of prediction, and of proba if there is one")
    for guarantee in guarantees.values():
        check_guarantee(guarantee)


def describe_guarantees(guarantees: Mapping[str, str]) -> str:
    """Return the guarantee of each output, for people: `proba bits, prediction bits`."""
    return ", ".join(f"{output} {guarantee}" for output, guarantee in guarantees.items())


def find_broken(guarantee: str, expected: NDArray[Any], found: NDArray[Any]) -> Mask:
    """Return which elements of `found` are not as the guarantee demands; both are of one shape.

    A tolerance is relative to the larger of two numbers.
    """
    if guarantee == NOTHING:
        return np.zeros(expected.shape, np.bool_)
    if expected.dtype.kind != "f" or found.dtype.kind != "f":
        return np.asarray(expected != found)
    differs = ~same_bits(expected, found)
    if guarantee in (BITS, LABELS) or not differs.any():
        return differs
    tolerated = float(guarantee.split()[1]) * np.maximum(np.abs(expected), np.abs(found))
    return differs & ~(np.abs(expected - found) <= tolerated)
