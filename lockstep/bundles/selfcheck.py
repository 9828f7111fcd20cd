"""Recompute a bundle's own evaluation on this machine and compare it to the bit, all rows at once and alone."""

import numpy as np

from lockstep.bundles.bundle import Bundle
from lockstep.data.bars import Bars
from lockstep.data.bits import same_bits
from lockstep.errors import EvaluationMismatch
from lockstep.features.feature_set import FeatureSet
from lockstep.predict.forecast import Forecaster
from lockstep.predict.trace import digest_rows

ROWS_ALONE = 16


def check_evaluation(bundle: Bundle) -> int:
    """Return how many rows were recomputed and found equal; raise `EvaluationMismatch` at the first that is not."""
    stored = bundle.evaluation
    test_rows = bundle.manifest.test.rows
    tested = bundle.bars.select(slice(-test_rows, None))
    if not np.array_equal(tested.dates, stored.dates):
        raise EvaluationMismatch(f"{bundle.manifest.name}: evaluation.csv does not hold the last {test_rows} bars")
    forecast = bundle.forecaster.forecast(tested)
    recomputed = np.array(digest_rows(forecast.features))
    for stage, was, now, differs in (
        ("features", stored.features, recomputed, stored.features != recomputed),
        ("leaf", stored.leaf, forecast.leaf, stored.leaf != forecast.leaf),
        ("prediction", stored.y_pred, forecast.prediction, ~same_bits(stored.y_pred, forecast.prediction)),
    ):
        if (rows := np.flatnonzero(differs)).size:
            row = rows[0]
            raise EvaluationMismatch(
                f"{bundle.manifest.name}: {rows.size} of {test_rows} rows differ; first {stored.dates[row]}, "
                f"stage {stage}: evaluated {was[row]}, recomputed {now[row]}"
            )
    check_windows(bundle.forecaster, tested)
    return test_rows


def check_windows(forecaster: Forecaster, tested: Bars) -> None:
    """Forecast some rows alone and raise `EvaluationMismatch` where a bit differs from the same row among all.

    It does where a feature depends on more than the `lookback_bars` bars that end in its row. A feature set that
    declares to read the whole history is not checked: `describe_reach` says so.
    """
    if forecaster.feature_set.whole_history:
        return
    together = forecaster.forecast(tested)
    for row in np.linspace(0, len(tested) - 1, min(ROWS_ALONE, len(tested)), dtype=np.intp):
        alone = forecaster.forecast(tested.select(slice(row, row + 1)))
        differs = np.flatnonzero(~same_bits(together.features[row], alone.features[0]))
        if differs.size:
            name = forecaster.feature_set.columns[differs[0]]
            raise EvaluationMismatch(
                f"feature {name} of {tested.dates[row]} is {together.features[row][differs[0]]} among all rows, but "
                f"{alone.features[0][differs[0]]} alone: it depends on more than the "
                f"{forecaster.feature_set.lookback_bars} bars that end in its row. Looks ahead do, and sums "
                "that run on, as pandas' rolling keeps one: see lockstep/features/windows.py, or declare whole_history"
            )


def describe_reach(feature_set: FeatureSet) -> str:
    """Return on what an answer depends, for people."""
    if feature_set.whole_history:
        return (
            "reads the whole history: not checked alone; an answer may depend on where the history starts and on what "
            "is posted beside its row, which `lockstep parity` shows"
        )
    return f"reads the {feature_set.lookback_bars} bars that end in its row"
