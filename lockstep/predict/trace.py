"""The stages of a forecast in a form that two runs can be compared by."""

import hashlib

import numpy as np

from lockstep.predict.forecast import Forecast

STAGES = ("features", "scaled", "leaf", "prediction")


def trace_values(forecast: Forecast) -> dict[str, list[object]]:
    """Return every stage as nested lists, one item for each answered row."""
    return {stage: getattr(forecast, stage).tolist() for stage in STAGES}


def trace_digests(forecast: Forecast) -> dict[str, list[str]]:
    """Return for every stage the digest of each answered row; see `digest_rows`."""
    return {stage: digest_rows(getattr(forecast, stage)) for stage in STAGES}


def digest_rows(values: np.ndarray) -> list[str]:
    """Return a SHA-256 of each row's bytes (little-endian, 64 bits a number), for values (n,) or (n, n_features)."""
    rows = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return [hashlib.sha256(row.tobytes()).hexdigest() for row in rows]
