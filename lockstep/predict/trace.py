"""The stages of a forecast in a form that two runs can be compared by."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.predict.stages import Stages


def trace_values(stages: Stages) -> dict[str, list[object]]:
    """Return every stage as nested lists, one item for each answered row."""
    return {name: values.tolist() for name, values in stages.items()}


def trace_digests(stages: Stages) -> dict[str, list[str]]:
    """Return for every stage the digest of each answered row; see `digest_rows`."""
    return {name: digest_rows(values) for name, values in stages.items()}


def digest_rows(values: NDArray[Any]) -> list[str]:
    """Return a SHA-256 of each row's bytes, for values (n,) or (n, k).

    Numbers are little-endian with 64 bits each; a label is its UTF-8 text.
    """
    if values.dtype.kind == "U":
        return [hashlib.sha256(label.encode()).hexdigest() for label in values.tolist()]
    rows = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return [hashlib.sha256(row.tobytes()).hexdigest() for row in rows]
