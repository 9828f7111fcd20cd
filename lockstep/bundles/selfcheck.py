"""Recompute a bundle's own evaluation on this machine and compare it, all rows at once and alone."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.entries import FeatureSetEntry
from lockstep.bundles.evaluation import Cells as EvaluatedCells
from lockstep.bundles.evaluation import Column, digest_column, lay_out_stages
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.stated.form import check_form
from lockstep.bundles.stated.panel import check_panel_statements
from lockstep.bundles.stated.series import Build, check_series_statements, check_series_windows
from lockstep.bundles.stated.table import check_table_statements
from lockstep.bundles.table import TableBundle
from lockstep.data.bars import Array, Bars
from lockstep.data.bits import same_bits
from lockstep.errors import BundleError, EvaluationMismatch, InvalidBundle, InvalidFeatures
from lockstep.features.feature_set import FeatureSet
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.forecast import Forecast, Forecaster
from lockstep.predict.guarantees import BITS, find_broken
from lockstep.predict.stages import OF_BARS, PREDICTION, PROBA, Stages

ROWS_ALONE = 16
Track = Callable[[Sequence[str]], Iterable[str]]


def check_evaluation(bundle: Bundle, build: Build | None = None) -> int:
    """Return how many rows were recomputed and found as guaranteed; raise `EvaluationMismatch` at the first other.

    What the manifest and the evaluation state beside the answers is compared as well. `build` makes the targets of a
    series if they are not built in; without it they are taken as stated. Of a panel, those series are checked that
    `PanelBundle.draw` draws.
    """
    if isinstance(bundle, PanelBundle):
        return sum(check_series(bundle, symbol, build) for symbol in bundle.draw())
    if isinstance(bundle.model, ExactModel):
        check_form(bundle.manifest, bundle.model.form)
    if isinstance(bundle, SeriesBundle) and not np.array_equal(bundle.test_bars.dates, bundle.evaluation.dates):
        rows = bundle.manifest.test.rows
        raise EvaluationMismatch(f"{bundle.manifest.name}: evaluation.csv does not hold the last {rows} bars")
    if isinstance(bundle, SeriesBundle):
        check_series_windows(bundle)
    forecast = _predict_evaluated(bundle)
    compare_stages(bundle, forecast.stages)
    if isinstance(bundle, SeriesBundle):
        check_windows(bundle.forecaster, bundle.test_bars, forecast.features)
        check_series_statements(bundle, forecast.stages, build)
    if isinstance(bundle, TableBundle):
        check_rows_alone(bundle, forecast.stages)
        check_table_statements(bundle)
    return len(bundle.evaluation.keys)


def check_whole(bundle: Bundle, build: Build | None = None, track: Track = iter) -> int:
    """Return how many rows were recomputed as `check_evaluation` does, of a panel those of every series.

    `track` goes through the symbols and shows how far it has come. Raises a `BundleError`.
    """
    if not isinstance(bundle, PanelBundle):
        return check_evaluation(bundle, build)
    check_panel_statements(bundle)
    return sum(check_series(bundle, symbol, build) for symbol in track(bundle.index.symbols))


def check_series(panel: PanelBundle, symbol: str, build: Build | None = None) -> int:
    """Return how many rows of one series of a panel were recomputed and found as guaranteed; raise a `BundleError`."""
    try:
        return check_evaluation(panel.pick(symbol), build)
    except BundleError as error:
        raise type(error)(f"series {symbol}: {error}") from error


def _predict_evaluated(bundle: Bundle) -> Forecast:
    try:
        return bundle.predict_evaluated()
    except InvalidFeatures as error:
        name = bundle.manifest.feature_set.name if isinstance(bundle, SeriesBundle) else ""
        raise InvalidBundle(f"{bundle.manifest.name}: the feature set {name} {error}") from error


def compare_stages(bundle: Bundle, stages: Stages) -> None:
    """Raise `EvaluationMismatch` at the first stage and row that is not what the evaluation holds, as guaranteed."""
    recomputed, order = lay_out_stages(stages, bundle.manifest.classes), bundle.manifest.stages
    compared = {stage for stage in (*stages, *order) if _is_compared(bundle, stage)}
    evaluation = bundle.evaluation
    held = {**evaluation.stage_cells, **evaluation.pinned}
    evaluated = [column for column in held if column.stage in compared]
    if set(evaluated) != {column for column in recomputed if column.stage in compared}:
        listed = ", ".join(stage for stage in stages if stage in compared)
        raise EvaluationMismatch(f"{bundle.manifest.name}: evaluation.csv holds other stages than {listed}")
    for column in sorted(evaluated, key=lambda column: order.index(column.stage or "")):
        if column in evaluation.pinned:
            _compare_pinned(bundle, column, recomputed[column])
        else:
            _compare_cells(bundle, column, recomputed[column])


def _compare_cells(bundle: Bundle, column: Column, now: EvaluatedCells) -> None:
    keys, was = bundle.evaluation.keys, bundle.evaluation.cells[column.name]
    broken = find_broken(bundle.guarantees.get(column.stage or "", BITS), was, now)
    if (rows := np.flatnonzero(broken)).size:
        row = rows[0]
        raise EvaluationMismatch(
            f"{bundle.manifest.name}: {rows.size} of {len(keys)} rows differ; first {keys[row]}, "
            f"stage {column.stage}: evaluated {was[row]}, recomputed {now[row]}"
        )


def _compare_pinned(bundle: Bundle, column: Column, cells: EvaluatedCells) -> None:
    was, now = bundle.evaluation.pinned[column], digest_column(cells)
    if was != now:
        raise EvaluationMismatch(
            f"{bundle.manifest.name}: some of {len(cells)} rows differ, stage {column.stage}: SHA-256 of the stage "
            f"evaluated {was[:12]}…, recomputed {now[:12]}…"
        )


def _is_compared(bundle: Bundle, stage: str) -> bool:
    """Return whether a stage is compared: of what scikit-learn computes, only outputs and the stages before it."""
    return isinstance(bundle.model, ExactModel) or stage in (*OF_BARS, PROBA, PREDICTION)


def check_rows_alone(bundle: TableBundle, together: Stages) -> None:
    """Predict some rows alone; raise `EvaluationMismatch` if a stage is not what it is `together` with all others."""
    rows, row_ids = bundle.held_out.rows, bundle.held_out.row_ids
    for row in np.linspace(0, len(rows) - 1, min(ROWS_ALONE, len(rows)), dtype=np.intp):
        alone = bundle.predict(rows.select(slice(row, row + 1))).stages
        for stage in bundle.manifest.stages:
            if not _is_compared(bundle, stage):
                continue
            values = together[stage]
            broken = find_broken(bundle.guarantees.get(stage, BITS), values[row : row + 1], alone[stage])
            if broken.any():
                place = tuple(np.argwhere(broken)[0][1:].tolist())
                column = f", column {place[0]}" if place else ""
                raise EvaluationMismatch(
                    f"{bundle.manifest.name}: row {row_ids[row]}, stage {stage}{column}: {values[row][place]} among "
                    f"all rows, but {alone[stage][0][place]} alone"
                )


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
