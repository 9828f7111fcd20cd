"""Recompute a bundle's own evaluation on this machine and compare it to the bit, all rows at once and alone."""

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.evaluation import summarize_stage
from lockstep.bundles.manifest import FeatureSetEntry
from lockstep.data.bars import Array, Bars
from lockstep.data.bits import same_bits
from lockstep.errors import EvaluationMismatch
from lockstep.features.feature_set import FeatureSet
from lockstep.predict.forecast import PREDICTION, Forecaster

ROWS_ALONE = 16


def check_evaluation(bundle: Bundle) -> int:
    """Return how many rows were recomputed and found equal; raise `EvaluationMismatch` at the first that is not."""
    stored = bundle.evaluation
    test_rows = bundle.manifest.test.rows
    tested = bundle.bars.select(slice(-test_rows, None))
    if not np.array_equal(tested.dates, stored.dates):
        raise EvaluationMismatch(f"{bundle.manifest.name}: evaluation.csv does not hold the last {test_rows} bars")
    forecast = bundle.forecaster.forecast(tested)
    for stage, was in {**stored.stages, PREDICTION: stored.y_pred}.items():
        now = summarize_stage(forecast.stages[stage])
        if (rows := np.flatnonzero(_differs(was, now))).size:
            row = rows[0]
            raise EvaluationMismatch(
                f"{bundle.manifest.name}: {rows.size} of {test_rows} rows differ; first {stored.dates[row]}, "
                f"stage {stage}: evaluated {was[row]}, recomputed {now[row]}"
            )
    check_windows(bundle.forecaster, tested, forecast.features)
    return test_rows


def _differs(was: NDArray[np.generic], now: NDArray[np.generic]) -> NDArray[np.bool_]:
    return np.asarray(was != now) if was.dtype.kind == "U" else ~same_bits(was, now)


def check_windows(forecaster: Forecaster, tested: Bars, together: Array) -> None:
    """Forecast some rows alone; raise `EvaluationMismatch` if a feature has other bits than `together` with others.

    They do if a feature depends on more than the `lookback_bars` bars that end in its row. A feature set that
    declares to read the whole history is not checked: `describe_reach` says so.
    """
    if forecaster.feature_set.whole_history:
        return
    for row in np.linspace(0, len(tested) - 1, min(ROWS_ALONE, len(tested)), dtype=np.intp):
        alone = forecaster.forecast(tested.select(slice(row, row + 1))).features[0]
        differs = np.flatnonzero(~same_bits(together[row], alone))
        if differs.size:
            name = forecaster.feature_set.columns[differs[0]]
            raise EvaluationMismatch(
                f"feature {name} of {tested.dates[row]} is {together[row][differs[0]]} among all rows, but "
                f"{alone[differs[0]]} alone: it depends on more than the {forecaster.feature_set.lookback_bars} bars "
                "that end in its row. Looks ahead do, and sums that run on, as pandas' rolling keeps one: see "
                "lockstep/features/windows.py, or declare whole_history"
            )


def describe_reach(feature_set: FeatureSet | FeatureSetEntry) -> str:
    """Return on what an answer depends, for people."""
    if feature_set.whole_history:
        return (
            "reads the whole history: not checked alone; an answer may depend on where the history starts and on what "
            "is posted beside its row, which `lockstep parity` shows"
        )
    return f"reads the {feature_set.lookback_bars} bars that end in its row"
