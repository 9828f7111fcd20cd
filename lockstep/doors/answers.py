"""The answer of `POST /v1/forecast`: a frame of forecasts, and what is worth knowing beside it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.scores import NO_CHANGE
from lockstep.data.bars import Bars
from lockstep.doors.wire import ForecastAnswer, ForecastFrame, Model, Trace
from lockstep.predict.forecast import Forecast
from lockstep.predict.trace import trace_digests, trace_values
from lockstep.scoring.score import Answer

COLUMNS = ("date", "forecast_date", "close", "y_pred", "close_pred", "naive")
MAX_SEAM_FACTOR = 2.0
"""From one close to the next: what is further apart is a split or another adjustment far more often than a market."""
TRACES: dict[str, Callable[[Forecast], Mapping[str, list[Any]]]] = {"digests": trace_digests, "values": trace_values}


def describe_answer(answer: Answer, request_id: str) -> ForecastAnswer:
    """Return the answer on the wire: rows in the order posted, null if there is no forecast."""
    described = ForecastAnswer(
        _frame(answer.bundle, answer.posted, answer.forecast),
        describe_model(answer.bundle),
        _warnings(answer),
        request_id,
    )
    if answer.request.trace is not None:
        described.trace = Trace(answer.forecast.rows.tolist(), **TRACES[answer.request.trace](answer.forecast))
    return described


def describe_model(bundle: Bundle) -> Model:
    """Return what a caller has to know of a bundle to tell it from every other."""
    manifest, newest = bundle.manifest, str(bundle.bars.dates[-1])
    return Model(manifest.name, manifest.symbol, manifest.version, manifest.lookback_bars, newest)


def _frame(bundle: Bundle, posted: Bars, forecast: Forecast) -> ForecastFrame:
    y_pred = np.full(len(posted), None)
    y_pred[forecast.rows] = forecast.prediction.tolist()
    close_pred = np.full(len(posted), None)
    close_pred[forecast.rows] = (posted.close[forecast.rows] * forecast.prediction).tolist()
    columns = (
        posted.dates.astype(str).tolist(),
        [str(date) if date else None for date in bundle.calendar.next_sessions(posted.dates).tolist()],
        posted.close.tolist(),
        y_pred.tolist(),
        close_pred.tolist(),
        [NO_CHANGE] * len(posted),
    )
    data = list(zip(*columns, strict=True))
    return ForecastFrame(COLUMNS, list(range(len(posted))), data)


def _warnings(answer: Answer) -> list[str]:
    bundle, posted, warnings = answer.bundle, answer.posted, []
    if unanswered := len(posted) - answer.forecast.rows.size:
        warnings.append(f"{unanswered} rows are look-back only and have no forecast: the posted bars stand alone")
    if answer.request.history == "stored":
        if replaced := bundle.forecaster.history.count_replaced(posted):
            warnings.append(f"{replaced} posted bars replace stored bars of the same date that have other values")
        warnings += _warn_of_seam(bundle, posted)
    return warnings


def _warn_of_seam(bundle: Bundle, posted: Bars) -> list[str]:
    stored_close, oldest = bundle.forecaster.history.close_before(posted), int(posted.dates.argmin())
    close = float(posted.close[oldest])
    if stored_close is None or stored_close <= close * MAX_SEAM_FACTOR <= stored_close * MAX_SEAM_FACTOR**2:
        return []
    return [
        f"the close {close} of row {oldest} is more than a factor {MAX_SEAM_FACTOR:g} from {stored_close}, the stored "
        "close before it: are the posted prices adjusted as the stored ones are?"
    ]
