"""`POST /forecast`: the tutorial's contract, a frame in and a list inside a string out."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.doors.body import refuse_repeated_members
from lockstep.doors.door import KEY, UNTYPED, Door, Encoded, Received, Route
from lockstep.doors.frame import JSON_CELLS, Frame, decode_body
from lockstep.doors.stored import write_newest
from lockstep.doors.wire import Predictions
from lockstep.scoring.kinds import LIMITED, SCORING, WITH_KEY
from lockstep.scoring.score import ONE_SERIES, Answer, ScoringRequest

_DECODER = msgspec.json.Decoder(Frame)


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError`."""
    frame = decode_body(received, _DECODER)
    refuse_repeated_members(received.body, frame.n_members)
    return ScoringRequest(frame, JSON_CELLS, received.max_rows, kinds=ONE_SERIES)


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
DOOR = Door(ROUTE.path, (ROUTE,), decode, encode, write_newest, ONE_SERIES, UNTYPED)
