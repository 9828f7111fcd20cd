"""The forecasts of the newest bars of a model, or of a price file, as the service answers them."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lockstep.batch.asking import BarsTable, HistoryName, choose_bars, naming_dates
from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.bundles.table import TableBundle
from lockstep.cli.one_series import check_symbol
from lockstep.data.bars import Bars
from lockstep.data.price_files.parquet import PARQUET_CELLS
from lockstep.data.price_files.reading import PriceFile
from lockstep.doors.answers import keep_newest
from lockstep.doors.series_warnings import warn_of_forecast, warn_of_posted
from lockstep.drift.overlap import compare_closes
from lockstep.errors import InvalidBundle
from lockstep.predict.intervals import Levels
from lockstep.scoring.score import Answer, ScoringRequest, score


@dataclass(frozen=True)
class Asked:
    """What is to be forecast: the model as it was named, a price file, the series of a panel, rows and levels."""

    model: str
    prices: PriceFile | None
    symbol: str | None
    n_rows: int
    levels: Levels | None


@dataclass(frozen=True)
class Newest:
    """The answered rows, newest last, and what is worth knowing of them."""

    asked: Asked
    answer: Answer
    warnings: list[str]

    @property
    def bundle(self) -> SeriesBundle:
        """Return the bundle that answers."""
        return as_series(self.answer.served.bundle)


def answer_newest(registry: Registry, asked: Asked) -> Newest:
    """Return the forecasts that are asked for; raise a `LockstepError`, and OSError."""
    _check_choice(registry.default.bundle, asked)
    bundle = as_series(registry.pick(symbol=asked.symbol).bundle)
    choose = _choose_stored if asked.prices is None else partial(_read, prices=asked.prices)
    bars, history, warnings = choose(bundle, n_rows=asked.n_rows)
    request = ScoringRequest(
        BarsTable(bars), PARQUET_CELLS, len(bars), symbol=asked.symbol, history=history, levels=asked.levels
    )
    with naming_dates():
        answer = score(registry, request)
    if history == "stored":
        warnings += warn_of_posted(bundle, answer.posted, answer.levels)
    kept = keep_newest(answer, asked.n_rows)
    warnings += warn_of_forecast(bundle, kept.forecast, kept.levels, answer.posted.bars.dates)
    return Newest(asked, kept, warnings)


def _check_choice(bundle: Bundle, asked: Asked) -> None:
    """Raise `InvalidBundle` for what forecasts no series, and `UnknownSymbol`; see `check_symbol`."""
    check_symbol(asked.model, bundle, asked.symbol)
    if isinstance(bundle, TableBundle):
        raise InvalidBundle(
            f"{asked.model} is a model of a table, which has no next row. To predict rows, run `lockstep serve "
            f"{asked.model}`, and post them to /v1/predict"
        )


def _choose_stored(bundle: SeriesBundle, n_rows: int) -> tuple[Bars, HistoryName, list[str]]:
    answerable = len(bundle.bars) - bundle.lookback_bars + 1
    return bundle.bars.select(slice(-min(n_rows, answerable), None)), "stored", []


def _read(bundle: SeriesBundle, prices: PriceFile, n_rows: int) -> tuple[Bars, HistoryName, list[str]]:
    """Return which bars of the file are posted, and what is worth knowing of them beside the stored ones.

    Raises `InvalidInput` for bad cells, and `OtherPrices` for a file of another series.
    """
    # old bars may be of days that are no session; `score` checks those that a forecast reads
    filed = prices.cells.read(replace(bundle.schema, calendar=None))
    bars, history = choose_bars(bundle, filed, n_rows, is_own=True)
    dates, stored, places = np.intersect1d(bundle.bars.dates, filed.dates, assume_unique=True, return_indices=True)
    overlap, warnings = compare_closes(dates, bundle.bars.close[stored], filed.close[places]), []
    if filed.dates[-1] < bundle.bars.dates[-1]:
        warnings.append(
            f"the file ends on {filed.dates[-1]}, before the model's own newest bar: {bundle.bars.dates[-1]}"
        )
    if overlap.kind not in ("none", "equal"):
        mixed = f". This forecast reads both: a file of {bundle.lookback_bars} bars or more stands alone"
        warnings.append(f"{overlap.says}{mixed if history == 'stored' else ''}")
    return bars, history, warnings
