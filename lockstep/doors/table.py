"""`POST /v1/predict`: rows of a table in, in any of five forms; a frame of predictions out."""

from typing import Annotated, Any, Literal

import msgspec

from lockstep.bundles.bundle import Bundle
from lockstep.doors.body import (
    TABLE_EXTENT,
    AskedLevels,
    Cell,
    CellRow,
    CellTable,
    check_extent,
    decode_json,
    mark_item,
    mark_row,
    read_levels,
    refuse_repeated_members,
    state_expected,
)
from lockstep.doors.door import KEY, Door, Encoded, Received, Route
from lockstep.doors.forms import BodyForm, describe_forms
from lockstep.doors.frame import JSON_CELLS, Frame, mark_frame
from lockstep.doors.misread import describe_unknown
from lockstep.doors.posted import CellRows, PostedRows, Record, RecordRows, RecordTable
from lockstep.doors.predictions import describe_predictions
from lockstep.doors.stored import write_first
from lockstep.doors.wire import PredictAnswer
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import CHOICE, LIMITED, MALFORMED, SCORING, WITH_KEY
from lockstep.scoring.score import TABLES, Answer, ScoringRequest

EXPECTED = (
    'one of {"dataframe_split": …}, {"dataframe_records": [{…}]}, {"instances": [[…]]}, a list of the cells of one '
    "row, a list of records"
)


class PredictRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body, if it is an object: rows in one of three forms, and what to do with them.

    `dataframe_split` is a frame, `dataframe_records` a list of objects from column to cell, `instances` a list of
    lists of cells in the order of the model's Schema. `version` is the number of a version or the name of an alias.
    `level` lists the intervals to answer, in percent; by default there are none.
    """

    dataframe_split: Frame | None = None
    dataframe_records: RecordTable | None = None
    instances: CellTable | None = None
    model: str | None = None
    version: int | str | None = None
    trace: Literal["digests", "values"] | None = None
    level: AskedLevels | None = None

    @property
    def rows(self) -> PostedRows:
        """Return the rows, wherever they are in the body; raise `RequestError`."""
        given = [each for each in (self.dataframe_split, self.dataframe_records, self.instances) if each is not None]
        if len(given) != 1:
            raise RequestError(MALFORMED, f"the body holds rows in {len(given)} forms; expected {EXPECTED}")
        if self.dataframe_split is not None:
            return self.dataframe_split
        if self.dataframe_records is not None:
            return RecordRows(self.dataframe_records)
        return CellRows(self.instances or [])


FORMS = (BodyForm(("dataframe_split",)), BodyForm(("dataframe_records",)), BodyForm(("instances",)))
BODY = (Annotated[PredictRequest, describe_forms(*FORMS)], CellRow, RecordTable)
ROWS = (b'"dataframe_split"', b'"dataframe_records"', b'"instances"')
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(PredictRequest | list[Cell | Record])


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError`."""
    body, max_rows = received.body, received.max_rows
    check_extent(body, max_rows, TABLE_EXTENT)
    try:
        asked = decode_json(body, _DECODER, _mark_body, EXPECTED)
    except RequestError as error:
        raise _explain(error, body) from error.__cause__
    n_members = 0 if isinstance(asked, list) else _count_members(asked)
    if isinstance(asked, list):
        asked = _read_list(asked)
    rows = asked.rows
    refuse_repeated_members(body, n_members + sum(map(len, asked.dataframe_records or [])))
    options = {"model": asked.model, "version": asked.version, "trace": asked.trace}
    levels = read_levels(asked.level) or ()
    return ScoringRequest(rows, JSON_CELLS, max_rows, **options, levels=levels, kinds=TABLES)


def _explain(error: RequestError, body: bytes) -> RequestError:
    """Return a refusal with the members, if an unknown one stands beside rows; else with the forms of rows."""
    cause = error.__cause__
    members = PredictRequest.__struct_fields__
    told = describe_unknown(cause, members) if isinstance(cause, msgspec.ValidationError) else ""
    if told and any(name in body for name in ROWS):
        return RequestError(MALFORMED, f"{error}{told}")
    return state_expected(error, f"{EXPECTED}; a missing cell is null")


def encode(answer: Answer, request_id: str) -> Encoded:
    """Return the answer."""
    return Encoded(msgspec.json.encode(describe_predictions(answer, request_id)))


def write_example(bundle: Bundle) -> dict[str, object]:
    """Return the body that posts the first test row."""
    return {"dataframe_split": write_first(bundle)}


def _count_members(asked: PredictRequest) -> int:
    """Return how many members the body and its frame have that are not null."""
    frame = asked.dataframe_split
    members = [*msgspec.structs.astuple(asked), *([] if frame is None else msgspec.structs.astuple(frame))]
    return sum(member is not None for member in members)


def _read_list(items: list[Cell | Record]) -> PredictRequest:
    records = [item for item in items if isinstance(item, dict)]
    cells = [item for item in items if not isinstance(item, dict)]
    if records and cells:
        raise RequestError(MALFORMED, "the list holds cells and records; expected the cells of one row, or records")
    return PredictRequest(instances=[cells]) if cells else PredictRequest(dataframe_records=records)


def _mark_body(raw: Any) -> Any:
    """Return the body with every cell of a type that no table has as text."""
    if isinstance(raw, list):
        if any(isinstance(item, list) for item in raw):
            raise RequestError(MALFORMED, "the list holds lists; put them into `instances`")
        return [mark_item(item) for item in raw]
    if isinstance(raw, dict):
        mark_frame(raw.get("dataframe_split"))
        if isinstance(raw.get("instances"), list):
            raw["instances"] = _mark_instances(raw["instances"])
        if isinstance(raw.get("dataframe_records"), list):
            raw["dataframe_records"] = [mark_item(record) for record in raw["dataframe_records"]]
    return raw


def _mark_instances(rows: list[Any]) -> list[list[Cell]]:
    """Return rows of marked cells; raise `RequestError` if there is no row among them."""
    if rows and all(isinstance(row, dict) for row in rows):
        raise RequestError(MALFORMED, "`instances` holds records; put them into `dataframe_records`")
    if rows and not any(isinstance(row, list) for row in rows):
        raise RequestError(MALFORMED, "`instances` holds cells, not rows; write one row as [[…]]")
    return [mark_row(row) for row in rows]


ROUTE = Route(
    "POST",
    "/v1/predict",
    "predict_v1",
    "Predict rows of a table, in any of five forms; the model and warnings come with the predictions",
    answer=PredictAnswer,
    body=BODY,
    access=KEY,
    scopes=(WITH_KEY, LIMITED, SCORING, CHOICE),
)
DOOR = Door(ROUTE.path, (ROUTE,), decode, encode, write_example, TABLES, title="Predictions")
