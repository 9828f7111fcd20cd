"""The JSON bodies of MLflow's scoring protocol: rows in one of four forms, and options in `params`."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from lockstep.data.cells import MAX_SHOWN_CHARACTERS, Cells
from lockstep.doors.body import TABLE_EXTENT, Cell, check_extent, decode_json, mark_item
from lockstep.doors.body import refuse_repeated_members as refuse_repeats
from lockstep.doors.forms import BodyForm, describe_forms
from lockstep.doors.frame import Frame, mark_frame
from lockstep.doors.literals import write_nulls
from lockstep.doors.posted import CellRows, PostedRows, Record, RecordRows, RecordTable, require_rows
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED
from lockstep.scoring.score import Schema

EXPECTED = (
    'exactly one of {"dataframe_split": …}, {"dataframe_records": [{…}]}, {"instances": […]}, {"inputs": …}; beside it '
    "`params` of model, version, symbol and history, and nothing else"
)
Columns = dict[str, list[Cell] | float | str | None]
Items = list[list[Cell] | Record | float | str | None]
CELL = {"type": ["number", "string", "null"]}
ITEMS: tuple[dict[str, Any], ...] = (
    CELL,
    {"type": "array", "items": CELL, "minItems": 1},
    {"type": "object", "additionalProperties": CELL, "minProperties": 1},
)
COLUMNS = tuple({"type": "object", "additionalProperties": item, "minProperties": 1} for item in ITEMS[:2])
LISTS = tuple({"type": "array", "items": item, "minItems": 1} for item in ITEMS)
ROWS = Meta(extra_json_schema={"allOf": [{"anyOf": [*LISTS, *COLUMNS, {"type": "null"}]}]})
"""What `instances` and `inputs` may be: the types allow lists of several kinds of items, which are refused by name."""


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """What to do with the rows: which model, version or symbol, and whether stored bars are used."""

    model: str | None = None
    version: int | str | None = None
    symbol: str | None = None
    history: Literal["stored", "none"] | None = None


class Invocation(msgspec.Struct, forbid_unknown_fields=True):
    """The body: rows in exactly one form, and options.

    `instances` and `inputs` are lists of rows, of records, or of the cells of a model's only column; or objects from a
    column to its cells. A missing cell is null or the literal NaN.
    """

    dataframe_split: Frame | None = None
    dataframe_records: RecordTable | None = None
    instances: Annotated[Items | Columns | None, ROWS] = None
    inputs: Annotated[Items | Columns | None, ROWS] = None
    params: Params | None = None

    @property
    def rows(self) -> "PostedRows | ColumnRows":
        """Return the rows, wherever they are in the body; raise `RequestError`."""
        forms = (self.dataframe_split, self.dataframe_records, self.instances, self.inputs)
        given = [form for form in forms if form is not None]
        if len(given) != 1:
            raise RequestError(MALFORMED, f"the body holds rows in {len(given)} forms; expected {EXPECTED}")
        [form] = given
        if isinstance(form, Frame):
            return form
        return _name_columns(form) if isinstance(form, dict) else _read_items([*form])

    @property
    def n_members(self) -> int:
        """Return how many members the objects of the body have that are not null."""
        structs = [each for each in (self, self.dataframe_split, self.params) if each is not None]
        members = [member for each in structs for member in msgspec.structs.astuple(each)]
        forms: list[Any] = [self.dataframe_records, self.instances, self.inputs]
        objects = [item for form in forms if isinstance(form, list) for item in form] + forms
        return sum(each is not None for each in members) + sum(len(each) for each in objects if isinstance(each, dict))


@dataclass(frozen=True)
class ColumnRows:
    """Rows as an object from a column's name to its cells."""

    columns: dict[str, list[Cell]]

    def __len__(self) -> int:
        return max(map(len, self.columns.values()), default=0)

    def read_columns(self, _: Schema) -> tuple[list[str], list[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table."""
        n_rows = len(self)
        require_rows(range(n_rows))
        problems = [
            Problem(None, name[:MAX_SHOWN_CHARACTERS], f"{len(cells)} cells, but another column has {n_rows}")
            for name, cells in self.columns.items()
            if len(cells) != n_rows
        ]
        if problems:
            raise InvalidInput(problems)
        return list(self.columns), list(self.columns.values())


FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")
BODY = Annotated[Invocation, describe_forms(*(BodyForm((name,)) for name in FORMS))]
_DECODER = msgspec.json.Decoder(Invocation)


def decode_invocation(body: bytes, max_rows: int) -> Invocation:
    """Return the body; raise `RequestError`."""
    check_extent(body, max_rows, TABLE_EXTENT)
    written = write_nulls(body)
    try:
        asked = decode_json(written, _DECODER, _mark_body, EXPECTED)
    except RequestError as error:
        if error.kind is not MALFORMED:
            raise
        raise RequestError(MALFORMED, f"{error}. Expected {EXPECTED}") from error
    refuse_repeats(written, asked.n_members)
    return asked


def _read_items(items: Items) -> PostedRows:
    records = [item for item in items if isinstance(item, dict)]
    lists = [item for item in items if isinstance(item, list)]
    if max(len(records), len(lists)) not in (0, len(items)):
        raise RequestError(MALFORMED, "the list holds rows of several forms; expected lists, records or cells alone")
    if records:
        return RecordRows(records)
    return CellRows(lists or [[item] for item in items if not isinstance(item, dict | list)])


def _name_columns(columns: Columns) -> ColumnRows:
    lists = {name: cells for name, cells in columns.items() if isinstance(cells, list)}
    if lists and len(lists) < len(columns):
        raise RequestError(
            MALFORMED, "some columns are lists and others cells; expected lists, or the cells of one row"
        )
    return ColumnRows(lists or {name: [cell] for name, cell in columns.items() if not isinstance(cell, list)})


def _mark_body(raw: Any) -> Any:
    """Return the body with every cell of a type that no table has as text."""
    if not isinstance(raw, dict):
        return raw
    mark_frame(raw.get("dataframe_split"))
    for name in FORMS[1:]:
        if isinstance(form := raw.get(name), list):
            raw[name] = [mark_item(item) for item in form]
        elif isinstance(form, dict):
            raw[name] = {column: mark_item(cells) for column, cells in form.items()}
    return raw
