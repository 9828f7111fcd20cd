"""The answer of `POST /v1/forecast`: a frame of forecasts, and what is worth knowing beside it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from lockstep.bundles.entries import RETURN
from lockstep.bundles.registry import Served
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.data.schema import NumberedBars
from lockstep.doors.wire import ForecastAnswer, ForecastFrame, Model
from lockstep.predict.forecast import Forecast
from lockstep.predict.stages import PROBA, Stages
from lockstep.predict.trace import trace_digests, trace_values
from lockstep.scoring.score import Answer

COLUMNS = ("date", "forecast_date", "close", "y_pred", "close_pred", "naive")
PROBA_COLUMN = "proba_{}"
MAX_SEAM_FACTOR = 2.0
"""From one close to the next: what is further apart is a split or another adjustment far more often than a market."""
TRACES: dict[str, Callable[[Stages], Mapping[str, list[Any]]]] = {"digests": trace_digests, "values": trace_values}


def describe_answer(answer: Answer, request_id: str) -> ForecastAnswer:
    """Return the answer on the wire: rows in the order posted, null if there is no forecast."""
    bundle = as_series(answer.served.bundle)
    frame, warnings = describe_frame(bundle, answer), warn_of_series(bundle, answer)
    described = ForecastAnswer(frame, describe_model(answer.served), warnings, request_id)
    described.trace = describe_trace(answer)
    return described


def describe_trace(answer: Answer) -> dict[str, list[Any]] | UnsetType:
    """Return the stages as the request asks for them, if it does, and the places of their rows."""
    if answer.request.trace is None:
        return UNSET
    return {"rows": answer.forecast.rows.tolist(), **TRACES[answer.request.trace](answer.forecast.stages)}


def describe_model(served: Served) -> Model:
    """Return what a caller has to know of a version to tell it from every other."""
    bundle, manifest = served.bundle, served.bundle.manifest
    known = (served.name, served.version, list(served.aliases), manifest.kind, manifest.digest)
    if not isinstance(bundle, SeriesBundle):
        return Model(*known, None, None, None)
    newest = str(bundle.bars.dates[-1])
    return Model(*known, bundle.manifest.symbol, bundle.manifest.feature_set.lookback_bars, newest)


def describe_frame(bundle: SeriesBundle, answer: Answer) -> ForecastFrame:
    """Return the rows of an answer as a frame; null if there is no forecast."""
    manifest, posted, forecast = bundle.manifest, answer.posted, answer.forecast
    bars = posted.bars
    reached = bundle.calendar.session_dates(posted.sessions + manifest.horizon_bars)
    is_return = manifest.target == RETURN
    prices = bars.close[forecast.rows] * forecast.prediction if is_return else np.full(forecast.rows.size, None)
    columns = [
        bars.dates.astype(str).tolist(),
        [str(date) if date else None for date in reached.tolist()],
        bars.close.tolist(),
        spread(forecast, len(bars), forecast.prediction),
        spread(forecast, len(bars), prices),
        [manifest.naive] * len(bars),
    ]
    probabilities = forecast.stages.get(PROBA, np.empty((forecast.rows.size, 0))).T
    columns += [spread(forecast, len(bars), each) for each in probabilities]
    names = [PROBA_COLUMN.format(label) for label in manifest.classes[: len(probabilities)]]
    return ForecastFrame((*COLUMNS, *names), list(range(len(bars))), list(zip(*columns, strict=True)))


def spread(forecast: Forecast, n_rows: int, values: NDArray[Any]) -> list[Any]:
    """Return one of `values` for each answered row, and None for the other rows."""
    column = np.full(n_rows, None)
    column[forecast.rows] = values.tolist()
    return column.tolist()


def warn_of_series(bundle: SeriesBundle, answer: Answer) -> list[str]:
    """Return what is worth knowing of the posted bars of a series."""
    posted, warnings = answer.posted, []
    if unanswered := len(posted.bars) - answer.forecast.rows.size:
        warnings.append(f"{unanswered} rows are look-back only and have no forecast: the posted bars stand alone")
    if answer.request.history == "stored":
        if replaced := bundle.forecaster.history.count_replaced(posted.bars, posted.sessions):
            warnings.append(f"{replaced} posted bars replace stored bars of the same date that have other values")
        warnings += _warn_of_seam(bundle, posted)
    return warnings


def _warn_of_seam(bundle: SeriesBundle, posted: NumberedBars) -> list[str]:
    stored_close, oldest = bundle.forecaster.history.close_before(posted.sessions), int(posted.sessions.argmin())
    close = float(posted.bars.close[oldest])
    if stored_close is None or stored_close <= close * MAX_SEAM_FACTOR <= stored_close * MAX_SEAM_FACTOR**2:
        return []
    return [
        f"the close {close} of row {oldest} is more than a factor {MAX_SEAM_FACTOR:g} from {stored_close}, the stored "
        "close before it: are the posted prices adjusted as the stored ones are?"
    ]
