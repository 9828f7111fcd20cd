"""`POST /forecast`: the tutorial's contract, a frame in and a list inside a string out."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.doors.body import refuse_repeated_members
from lockstep.doors.door import KEY, UNTYPED, Door, Encoded, Received, Route
from lockstep.doors.frame import JSON_CELLS, Frame, decode_body, mark_body
from lockstep.doors.stored import write_newest
from lockstep.doors.v1 import ForecastRequest
from lockstep.doors.wire import Predictions
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import LIMITED, MALFORMED, SCORING, WITH_KEY
from lockstep.scoring.score import ONE_SERIES, Answer, ScoringRequest

OPTIONS = [name for name in ForecastRequest.__struct_fields__ if name not in Frame.__struct_fields__]
_DECODER = msgspec.json.Decoder(Frame)


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError`."""
    frame = decode_body(received, _DECODER, mark=_refuse_options)
    refuse_repeated_members(received.body, frame.n_members)
    return ScoringRequest(frame, JSON_CELLS, received.max_rows, kinds=ONE_SERIES)


def _refuse_options(raw: Any) -> Any:
    """Return the body marked; raise `RequestError` for one with options, which this route has not."""
    if isinstance(raw, dict) and (options := [name for name in OPTIONS if name in raw]):
        own = "`columns`, `data` and `index`"
        raise RequestError(MALFORMED, f"`{options[0]}` is a member of POST /v1/forecast; this route takes {own} alone")
    return mark_body(raw)


def encode(answer: Answer, _: str) -> Encoded:
    """Return the answer, which has no place for a request id."""
    return Encoded(encode_predictions(answer.forecast.prediction))


def encode_predictions(predictions: NDArray[np.generic]) -> bytes:
    """Return a JSON list inside a JSON string, each number in its shortest round-trip form."""
    return msgspec.json.encode(Predictions(msgspec.json.encode(predictions.tolist()).decode()))


ROUTE = Route(
    "POST",
    "/forecast",
    "forecast",
    "Forecast the rows of a split-oriented frame; any content type that is a name for JSON",
    answer=Predictions,
    body=Frame,
    access=KEY,
    scopes=(WITH_KEY, LIMITED, SCORING),
)
DOOR = Door(ROUTE.path, (ROUTE,), decode, encode, write_newest, ONE_SERIES, UNTYPED, title="The tutorial's contract")
