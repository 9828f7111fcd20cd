"""`POST /v1/forecast`: our own API, a frame and options in, a frame of forecasts and what is worth knowing out."""

from functools import partial
from typing import Annotated, Literal

import msgspec

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.registry import Registry
from lockstep.doors.answers import describe_answer
from lockstep.doors.body import AskedLevels, read_levels, refuse_repeated_members
from lockstep.doors.door import KEY, Door, Encoded, Received, Route
from lockstep.doors.forms import describe_forms
from lockstep.doors.frame import JSON_CELLS, decode_body
from lockstep.doors.many_series import MULTI_STATUS, ManySeriesForecast, encode_series
from lockstep.doors.series_body import FRAMES, SeriesBody
from lockstep.doors.stored import write_newest
from lockstep.doors.symbols import has_symbols, split_series
from lockstep.doors.wire import ForecastAnswer
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import CHOICE, LIMITED, MALFORMED, SCORING, WITH_KEY
from lockstep.scoring.many_series import ManySeriesAnswer, ManySeriesRequest, score_series
from lockstep.scoring.record import RequestRecord
from lockstep.scoring.score import SERIES, Answer, ScoringRequest, score


class ForecastRequest(SeriesBody):
    """The body: a frame, or one in `dataframe_split`, and what to do with it.

    `symbol` names the series of all rows; a column `symbol` in its place names that of each row.
    `version` is the number of a version or the name of an alias. `level` lists the intervals to answer, in percent;
    80 by default, if the model has intervals, and none for an empty list.
    """

    history: Literal["stored", "none"] = "stored"
    trace: Literal["digests", "values"] | None = None
    level: AskedLevels | None = None


BODY = Annotated[ForecastRequest, describe_forms(*FRAMES)]
_DECODER = msgspec.json.Decoder(ForecastRequest)


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError`."""
    asked = decode_body(received, _DECODER)
    refuse_repeated_members(received.body, asked.n_members)
    frame = asked.frame
    options = (asked.model, asked.version, asked.symbol, asked.history, asked.trace, read_levels(asked.level))
    if not has_symbols(frame):
        return ScoringRequest(frame, JSON_CELLS, received.max_rows, *options)
    if asked.symbol is not None:
        raise RequestError(MALFORMED, "the body has a member `symbol`, and its frame a column: send one of them")
    return ManySeriesRequest(frame, JSON_CELLS, received.max_rows, *options, split=partial(split_series, frame))


def score_frame(
    registry: Registry, request: ScoringRequest, record: RequestRecord | None = None
) -> Answer | ManySeriesAnswer:
    """Return the answer to a frame of one series, or of many."""
    if isinstance(request, ManySeriesRequest):
        return score_series(registry, request, record)
    return score(registry, request, record)


def encode(answer: Answer | ManySeriesAnswer, request_id: str) -> Encoded:
    """Return the answer."""
    if isinstance(answer, ManySeriesAnswer):
        return encode_series(answer, request_id)
    return Encoded(msgspec.json.encode(describe_answer(answer, request_id)))


def write_example(bundle: Bundle) -> dict[str, object]:
    """Return the body that posts the newest stored bar."""
    return {"dataframe_split": write_newest(bundle)}


ROUTE = Route(
    "POST",
    "/v1/forecast",
    "forecast_v1",
    "Forecast a frame, or one in `dataframe_split`; dates, model and warnings come with the forecasts",
    answer=(ForecastAnswer, ManySeriesForecast),
    body=BODY,
    access=KEY,
    scopes=(WITH_KEY, LIMITED, SCORING, CHOICE),
    statuses=(200, MULTI_STATUS),
)
DOOR = Door(ROUTE.path, (ROUTE,), decode, encode, write_example, SERIES, score=score_frame, title="Forecasts")
