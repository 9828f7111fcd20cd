"""`POST /predict`: rows of a table in one of four forms, each answered as the older systems that post it expect."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.table import as_table
from lockstep.data.cells import Cells
from lockstep.data.table import TableSchema
from lockstep.doors.body import (
    TABLE_EXTENT,
    Cell,
    CellRow,
    CellTable,
    check_extent,
    decode_json,
    mark_item,
    refuse_repeated_members,
)
from lockstep.doors.door import JSON, KEY, UNTYPED, Door, Encoded, Received, Route
from lockstep.doors.frame import JSON_CELLS
from lockstep.doors.posted import CellRows, Record, RecordRows, RecordTable
from lockstep.doors.wire import Label
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.kinds import LIMITED, SCORING, WITH_KEY
from lockstep.scoring.score import TABLES, Answer, Schema, ScoringRequest, Table

TEXT = "text/plain; charset=utf-8"
RECORD_NAME = "prediction_{}"
EXPECTED = (
    "one of the cells of one row [5.9, 3.0, 5.1, 1.8], a list of rows [[…], […]], a list of records "
    '[{"column": cell, …}], or, for a model of one text, an object with that text {"text": "…"}'
)

Form = Literal["row", "rows", "records", "text"]
Text = Annotated[dict[str, str], Meta(extra_json_schema={"minProperties": 1, "maxProperties": 1})]


class NumberedPredictions(msgspec.Struct):
    """The answer to records: `prediction_0` for the first, and so on."""

    predictions: dict[str, Label]


class TextResult(msgspec.Struct):
    """The answer to one text."""

    res: Label


_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[Cell | Record | list[Cell]] | Record)


@dataclass(frozen=True)
class PostedText:
    """One object, whose only member is the only column of the model, a text."""

    members: Record

    def __len__(self) -> int:
        return 1

    def read_columns(self, schema: Schema) -> tuple[Sequence[str], Sequence[Cells]]:
        """Return the text; raise `InvalidInput` if the model reads anything else, or the object lacks it."""
        name = find_only_text(schema)
        if name is None:
            raise _refuse("an object is for a model of one text, and this is none; put a record into a list")
        if name not in self.members:
            raise InvalidInput([Problem(0, name, f'the object has no such member; expected {{"{name}": "…"}}')])
        return list(self.members), [[cell] for cell in self.members.values()]


def find_only_text(schema: Schema) -> str | None:
    """Return the name of the text that is all that a model of the schema reads; None if it reads anything else."""
    columns = schema.columns if isinstance(schema, TableSchema) else ()
    return columns[0].name if [column.type for column in columns] == ["text"] else None


def decode(received: Received) -> ScoringRequest:
    """Return the request; raise `RequestError` for a body that is not JSON, `InvalidInput` for one in no form."""
    check_extent(received.body, received.max_rows, TABLE_EXTENT)
    posted = decode_json(received.body, _DECODER, _mark_body, EXPECTED)
    form, table = _read_form(posted)
    records = posted if isinstance(posted, list) else [posted]
    refuse_repeated_members(received.body, sum(len(item) for item in records if isinstance(item, dict)))
    return ScoringRequest(table, JSON_CELLS, received.max_rows, kinds=TABLES, reply=form)


def encode(answer: Answer, _: str) -> Encoded:
    """Return the predictions as the form of the body asks for them; a row's is text, without quotes."""
    predictions = answer.forecast.prediction.tolist()
    form: Form = answer.request.reply
    if form == "row":
        [label] = predictions
        return Encoded(label.encode() if isinstance(label, str) else msgspec.json.encode(label), TEXT)
    return Encoded(msgspec.json.encode(_write(form, predictions)))


def write_example(bundle: Bundle) -> object:
    """Return the body that posts the first test row: its text, or a list of its record."""
    rows = as_table(bundle).held_out.rows
    cells = (column.write(values[:1])[0] for column, values in zip(rows.schema.columns, rows.columns, strict=True))
    record = dict(zip(rows.schema.names, cells, strict=True))
    return [record] if find_only_text(rows.schema) is None else record


def _write(form: Form, predictions: list[Label]) -> list[Label] | NumberedPredictions | TextResult:
    if form == "records":
        return NumberedPredictions({RECORD_NAME.format(row): label for row, label in enumerate(predictions)})
    return TextResult(predictions[0]) if form == "text" else predictions


def _read_form(posted: Any) -> tuple[Form, Table]:
    """Return the form of a body and its rows; raise `InvalidInput` for a list whose items are not all alike."""
    if isinstance(posted, dict):
        return "text", PostedText(posted)
    n_lists, n_records = (sum(isinstance(item, kind) for item in posted) for kind in (list, dict))
    if posted and n_lists == len(posted):
        return "rows", CellRows(posted)
    if posted and n_records == len(posted):
        return "records", RecordRows(posted)
    if not posted or n_lists or n_records:
        raise _refuse("a list that is empty, or not of one kind")
    return "row", CellRows([posted])


def _mark_body(raw: Any) -> Any:
    """Return the body with every cell of a type that no table has as text; raise `InvalidInput` for another body."""
    if isinstance(raw, list):
        return [mark_item(item) for item in raw]
    if isinstance(raw, dict):
        return mark_item(raw)
    raise _refuse("neither a list nor an object")


def _refuse(found: str) -> InvalidInput:
    return InvalidInput([Problem(None, "body", f"{found}; expected {EXPECTED}")])


ROUTE = Route(
    "POST",
    "/predict",
    "predict",
    "Predict with the default model: a row, rows, records or one text, each answered in its own form",
    answer=(list[Label], NumberedPredictions, TextResult),
    body=(CellRow, CellTable, RecordTable, Text),
    access=KEY,
    scopes=(WITH_KEY, LIMITED, SCORING),
    media_types=(JSON, TEXT),
)
DOOR = Door(ROUTE.path, (ROUTE,), decode, encode, write_example, TABLES, UNTYPED, title="Rows alone")
