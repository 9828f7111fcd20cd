"""The backtest of one series, as `POST /v1/backtest` answers it for the stored bars and those of the input."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from lockstep.batch.asking import BarsTable, naming_dates
from lockstep.batch.forecasting import find_verdict
from lockstep.batch.job import Job
from lockstep.batch.models import HeldModel
from lockstep.batch.rows import FIRST, LAST, ROWS, VERDICT, WARNINGS, SeriesRows
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.outcome_scores import LevelCoverage, OutcomeScores
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.series import as_series
from lockstep.data.bars import DATE
from lockstep.data.panel.sources import SeriesSource
from lockstep.data.price_files.parquet import PARQUET_CELLS
from lockstep.doors.backtested import BacktestReport, describe_backtest
from lockstep.errors import UnknownSymbol
from lockstep.predict.intervals import Levels
from lockstep.scoring.backtest import BacktestRequest, backtest
from lockstep.scoring.cutoffs import Windows

MANY = 1 << 31
"""More rows than a series has: a backtest of a job has one page."""


def backtest_series(job: Job, held: HeldModel, source: SeriesSource) -> SeriesRows:
    """Return one row with the scores of a series, or its forecasts beside what came true.

    Raises `UnknownSymbol` for a series whose bars the model does not store, `InvalidInput`, `MissingBars` and OSError.
    """
    served, is_own = held.pick(source.symbol)
    bundle = as_series(served.bundle)
    if not is_own:
        raise UnknownSymbol(f"{bundle.manifest.name} stores no bars of {source.symbol}, so it has no test rows of it")
    table = BarsTable(source.read(bundle.schema))
    asked = BacktestRequest(
        table, PARQUET_CELLS, MANY, symbol=source.symbol, has_bars=True, windows=Windows(), levels=job.levels
    )
    with naming_dates():
        answer = backtest(held.registry, asked)
    return write_backtest(describe_backtest(answer, ""), bundle.manifest, answer.levels, all_rows=job.all_rows)


def write_backtest(report: BacktestReport, manifest: SeriesManifest, levels: Levels, *, all_rows: bool) -> SeriesRows:
    """Return the rows of the frame of an answer, or one row with its scores."""
    frame = report.backtest
    beside = (find_verdict(manifest), msgspec.json.encode(report.warnings).decode())
    if all_rows:
        return SeriesRows(
            (*frame.columns, VERDICT, WARNINGS), [(*row, *beside) for row in frame.data], manifest.classes
        )
    at = frame.columns.index(DATE)
    scores = {FIRST: frame.data[0][at], LAST: frame.data[-1][at], ROWS: report.scores.rows}
    scores |= name_scores(report.scores.predictors, manifest) | _name_levels(report.scores, levels)
    return SeriesRows((*scores, VERDICT, WARNINGS), [(*scores.values(), *beside)])


def name_scores(scores: Mapping[str, AnyScores], manifest: SeriesManifest) -> dict[str, Any]:
    """Return each score as `PREDICTOR_SCORE`, for the predictors of a manifest; None for one that is not there."""
    named = {}
    for predictor, stated in manifest.scores.items():
        for field in stated.__struct_fields__:
            value = getattr(scores.get(predictor), field, None)
            named[f"{predictor.replace(' ', '_')}_{field}"] = None if value is UNSET else value
    return named


def _name_levels(scores: OutcomeScores, levels: Levels) -> dict[str, Any]:
    found = {each.level: each for each in scores.intervals}
    measures = LevelCoverage.__struct_fields__[1:]
    return {f"{name}_{level}": getattr(found.get(level), name, None) for level in levels for name in measures}
