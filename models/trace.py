"""The stages of a forecast in a form that two runs can be compared by."""

import hashlib

import numpy as np

from models.forecast import Forecast

STAGES = ("features", "scaled", "leaf", "prediction")


def trace_values(forecast: Forecast) -> dict[str, list[object]]:
    """Return every stage as nested lists, one item for each answered row."""
    return {stage: getattr(forecast, stage).tolist() for stage in STAGES}


def trace_digests(forecast: Forecast) -> dict[str, list[str]]:
    """Return for every stage a SHA-256 of each answered row's bytes (little-endian, 64 bits a number)."""
    return {stage: [_digest(row) for row in getattr(forecast, stage)] for stage in STAGES}


def _digest(row: np.ndarray) -> str:
    return hashlib.sha256(row.astype(row.dtype.newbyteorder("<")).tobytes()).hexdigest()
