"""Recompute a bundle's own evaluation on this machine and compare it to the bit."""

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.errors import EvaluationMismatch


def check_evaluation(bundle: Bundle) -> int:
    """Return how many rows were recomputed and found equal; raise `EvaluationMismatch` at the first that is not."""
    stored = bundle.evaluation
    test_rows = bundle.manifest.test.rows
    tested = bundle.bars.select(slice(-test_rows, None))
    if not np.array_equal(tested.dates, stored.dates):
        raise EvaluationMismatch(f"{bundle.manifest.name}: evaluation.csv does not hold the last {test_rows} bars")
    forecast = bundle.forecaster.forecast(tested)
    for stage, was, now in (
        ("leaf", stored.leaf, forecast.leaf),
        ("prediction", stored.y_pred, forecast.prediction),
    ):
        if (rows := np.flatnonzero(~same_bits(was, now))).size:
            row = rows[0]
            raise EvaluationMismatch(
                f"{bundle.manifest.name}: {rows.size} of {test_rows} rows differ; first {stored.dates[row]}, "
                f"stage {stage}: evaluated {was[row]}, recomputed {now[row]}"
            )
    return test_rows


def same_bits(left: NDArray[np.generic], right: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return for each element whether its 64 bits are the same; NaN equals NaN, 0.0 does not equal -0.0."""
    return np.asarray(left.view(np.int64) == right.view(np.int64))
