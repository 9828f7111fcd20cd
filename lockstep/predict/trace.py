"""The stages of a forecast in a form that two runs can be compared by."""

import hashlib

import numpy as np

from lockstep.predict.forecast import Stages


def trace_values(stages: Stages) -> dict[str, list[object]]:
    """Return every stage as nested lists, one item for each answered row."""
    return {name: values.tolist() for name, values in stages.items()}


def trace_digests(stages: Stages) -> dict[str, list[str]]:
    """Return for every stage the digest of each answered row; see `digest_rows`."""
    return {name: digest_rows(values) for name, values in stages.items()}


def digest_rows(values: np.ndarray) -> list[str]:
    """Return a SHA-256 of each row's bytes (little-endian, 64 bits a number), for values (n,) or (n, n_features)."""
    rows = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return [hashlib.sha256(row.tobytes()).hexdigest() for row in rows]
