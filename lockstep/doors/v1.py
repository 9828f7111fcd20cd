"""`POST /v1/forecast`: our own API, a frame and options in, a frame of forecasts and what is worth knowing out."""

from typing import Annotated, Literal

import msgspec

from lockstep.bundles.bundle import Bundle
from lockstep.doors.answers import describe_answer
from lockstep.doors.body import AskedLevels, CellRow, CellTable, ColumnNames, read_levels, refuse_repeated_members
from lockstep.doors.door import KEY, Door, Encoded, Received, Route
from lockstep.doors.forms import BodyForm, describe_forms
from lockstep.doors.frame import JSON_CELLS, Frame, choose_frame, decode_body
from lockstep.doors.stored import write_newest
from lockstep.doors.wire import ForecastAnswer
from lockstep.scoring.kinds import CHOICE, LIMITED, SCORING, WITH_KEY
from lockstep.scoring.score import SERIES, Answer, ScoringRequest


class ForecastRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body: a frame, or one in `dataframe_split`, and what to do with it.

    `version` is the number of a version or the name of an alias. `level` lists the intervals to answer, in percent;
    80 by default, if the model has intervals, and none for an empty list.
    """

    columns: ColumnNames | None = None
    data: CellTable | None = None
    index: CellRow | None = None
    dataframe_split: Frame | None = None
    model: str | None = None
    version: int | str | None = None
    symbol: str | None = None
    history: Literal["stored", "none"] = "stored"
    trace: Literal["digests", "values"] | None = None
    level: AskedLevels | None = None

    @property
    def n_members(self) -> int:
        """Return how many members the body has at least: one that has its default may have been left out."""
        inside = self.dataframe_split
        own = (
            self.columns,
            self.data,
            self.index,
            inside,
            self.model,
            self.version,
            self.symbol,
            self.trace,
            self.level,
        )
        n_own = sum(member is not None for member in own) + (self.history != "stored")
        return n_own if inside is None else n_own + inside.n_members

    @property
    def frame(self) -> Frame:
        """Return the frame, wherever it is in the body; raise `RequestError`."""
        return choose_frame(self.dataframe_split, self.columns, self.data, self.index)


BODY = Annotated[
    ForecastRequest, describe_forms(BodyForm(("dataframe_split",)), BodyForm(("columns", "data"), ("index",)))
]
_DECODER = msgspec.json.Decoder(ForecastRequest)


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError`."""
    asked = decode_body(received, _DECODER)
    refuse_repeated_members(received.body, asked.n_members)
    options = (asked.model, asked.version, asked.symbol, asked.history, asked.trace, read_levels(asked.level))
    return ScoringRequest(asked.frame, JSON_CELLS, received.max_rows, *options)


def encode(answer: Answer, request_id: str) -> Encoded:
    """Return the answer."""
    return Encoded(msgspec.json.encode(describe_answer(answer, request_id)))


def write_example(bundle: Bundle) -> dict[str, object]:
    """Return the body that posts the newest stored bar."""
    return {"dataframe_split": write_newest(bundle)}


def name_series(symbol: str) -> dict[str, object]:
    """Return the member that names a series."""
    return {"symbol": symbol}


ROUTE = Route(
    "POST",
    "/v1/forecast",
    "forecast_v1",
    "Forecast a frame, or one in `dataframe_split`; dates, model and warnings come with the forecasts",
    answer=ForecastAnswer,
    body=BODY,
    access=KEY,
    scopes=(WITH_KEY, LIMITED, SCORING, CHOICE),
)
DOOR = Door(ROUTE.path, (ROUTE,), decode, encode, write_example, SERIES, name_series=name_series)
