"""The answer of `POST /v1/forecast`: a frame of forecasts, and what is worth knowing beside it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from lockstep.bundles.entries import RETURN
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.registry import Served
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.data.bars import Array, Dates
from lockstep.data.schema import NumberedBars
from lockstep.doors.series_warnings import warn_of_series
from lockstep.doors.wire import ForecastAnswer, ForecastFrame, Interval, Model
from lockstep.predict.forecast import Forecast
from lockstep.predict.intervals import Levels, find_bounds
from lockstep.predict.stages import HALF_WIDTH, PROBA, Stages
from lockstep.predict.trace import trace_digests, trace_values
from lockstep.scoring.score import Answer

COLUMNS = ("date", "forecast_date", "close", "y_pred", "close_pred", "naive")
PROBA_COLUMN = "proba_{}"
LOWER, UPPER = "lo-{}", "hi-{}"
LOWER_CLOSE, UPPER_CLOSE = f"close_{LOWER}", f"close_{UPPER}"
"""The bounds of the interval of a level, named as Nixtla's libraries name them."""
TRACES: dict[str, Callable[[Stages], Mapping[str, list[Any]]]] = {"digests": trace_digests, "values": trace_values}


def describe_answer(answer: Answer, request_id: str) -> ForecastAnswer:
    """Return the answer on the wire: rows in the order posted, null if there is no forecast."""
    bundle = as_series(answer.served.bundle)
    frame = describe_frame(bundle, answer)
    described = ForecastAnswer(frame, describe_model(answer.served), warn_of_series(bundle, answer), request_id)
    described.interval, described.trace = describe_interval(bundle, answer.levels), describe_trace(answer)
    return described


def describe_interval(bundle: SeriesBundle, levels: Levels) -> Interval | UnsetType:
    """Return what the intervals of an answer are, if it has any."""
    entry = bundle.manifest.interval
    if entry is UNSET or not levels:
        return UNSET
    return Interval(entry.method, entry.center, list(levels), entry.lookback_bars, entry.experimental)


def describe_trace(answer: Answer) -> dict[str, list[Any]] | UnsetType:
    """Return the stages as the request asks for them, if it does, and the places of their rows."""
    if answer.request.trace is None:
        return UNSET
    rows = answer.forecast.rows.tolist()
    return {"rows": [answer.place(row) for row in rows], **TRACES[answer.request.trace](answer.forecast.stages)}


def describe_model(served: Served) -> Model:
    """Return what a caller has to know of a version to tell it from every other."""
    bundle, manifest = served.bundle, served.bundle.manifest
    known = (served.name, served.version, list(served.aliases), manifest.kind, manifest.digest)
    if isinstance(bundle, PanelBundle):
        return Model(*known, None, bundle.lookback_bars, None, len(bundle.index))
    if not isinstance(bundle, SeriesBundle):
        return Model(*known, None, None, None)
    newest = str(bundle.bars.dates[-1])
    return Model(*known, bundle.manifest.symbol, bundle.lookback_bars, newest)


def describe_frame(bundle: SeriesBundle, answer: Answer) -> ForecastFrame:
    """Return the rows of an answer as a frame; null if there is no forecast."""
    manifest, posted, forecast = bundle.manifest, answer.posted, answer.forecast
    bars = posted.bars
    reached = bundle.calendar.session_dates(posted.sessions + manifest.horizon_bars)
    is_return = manifest.target == RETURN
    prices = bars.close[forecast.rows] * forecast.prediction if is_return else np.full(forecast.rows.size, None)
    columns = [
        bars.dates.astype(str).tolist(),
        _write_dates(reached),
        bars.close.tolist(),
        spread(forecast, len(bars), forecast.prediction),
        spread(forecast, len(bars), prices),
        [manifest.naive] * len(bars),
    ]
    probabilities = forecast.stages.get(PROBA, np.empty((forecast.rows.size, 0))).T
    columns += [spread(forecast, len(bars), each) for each in probabilities]
    names = [PROBA_COLUMN.format(label) for label in manifest.classes[: len(probabilities)]]
    bounds = name_bounds(answer.levels, forecast, bars.close[forecast.rows])
    columns += [spread(forecast, len(bars), each) for each in bounds.values()]
    return ForecastFrame((*COLUMNS, *names, *bounds), list(range(len(bars))), list(zip(*columns, strict=True)))


def keep_newest(answer: Answer, n_rows: int | None) -> Answer:
    """Return the newest answered rows of an answer to bars that are oldest first, or with None all answered rows."""
    answered = answer.forecast.rows
    places = np.arange(answered.size)[-(n_rows or answered.size) :]
    kept = answered[places]
    posted = NumberedBars(answer.posted.bars.select(kept), answer.posted.sessions[kept])
    forecast = replace(answer.forecast.select(places), rows=np.arange(kept.size))
    return replace(answer, posted=posted, forecast=forecast)


def _write_dates(dates: Dates) -> list[str | None]:
    """Return dates in ISO 8601, None for NaT; numpy writes them in half of the time of a loop."""
    texts: list[str | None] = dates.astype(str).tolist()
    return [None if beyond else text for text, beyond in zip(texts, np.isnat(dates).tolist(), strict=True)]


def name_bounds(levels: Levels, forecast: Forecast, close: Array) -> dict[str, Array]:
    """Return the bounds of the intervals of the answered rows by column, each (n,), as is `close`, that of the rows."""
    columns: dict[str, Array] = {}
    for place, level in enumerate(levels):
        lower, upper = find_bounds(forecast.stages[HALF_WIDTH][:, place])
        columns |= {LOWER.format(level): lower, UPPER.format(level): upper}
        columns |= {LOWER_CLOSE.format(level): close * lower, UPPER_CLOSE.format(level): close * upper}
    return columns


def spread(forecast: Forecast, n_rows: int, values: NDArray[Any]) -> list[Any]:
    """Return one of `values` for each answered row, and None for the other rows."""
    if forecast.rows.size == n_rows:
        return values.tolist()
    column = np.full(n_rows, None)
    column[forecast.rows] = values.tolist()
    return column.tolist()
