"""From the bytes of a body to a request or a refusal: bounded before it is decoded, and no bad cell loses its row."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from msgspec import Meta

from lockstep.data.cells import MAX_SHOWN_CHARACTERS, NoCell
from lockstep.doors.misread import describe_encoded_twice, describe_member, describe_odd_member, describe_text
from lockstep.errors import InvalidInput, Problem
from lockstep.predict.intervals import LARGEST_LEVEL, SMALLEST_LEVEL, Levels, describe_odd_level
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, TOO_LARGE

Cell = float | str | None
SOME = Meta(extra_json_schema={"minItems": 1})
"""What a list of a body needs; it is described only, for an empty one is refused by name when it is read."""
CellRow = Annotated[list[Cell], SOME]
CellTable = Annotated[list[CellRow], SOME]
ColumnNames = Annotated[list[str], SOME]
AskedLevel = Annotated[
    float, Meta(extra_json_schema={"minimum": SMALLEST_LEVEL, "maximum": LARGEST_LEVEL, "multipleOf": 1})
]
"""A whole percent; to JSON 80.0 is the same number as 80. Any other number is refused by name when it is read."""
AskedLevels = Annotated[list[AskedLevel], Meta(extra_json_schema={"uniqueItems": True})]
Decoded = TypeVar("Decoded")
NAME_END = re.compile(rb'"\s*:')
MarkCells = Callable[[Any], Any]


@dataclass(frozen=True)
class Extent:
    """How many values a body may have: some for each allowed row, and some beside, such as names and options."""

    per_row: int
    beside: int


BARS_EXTENT = Extent(per_row=16, beside=200)
"""More than seven cells, their list and an index label: what has more for each allowed row is no frame of bars."""
TABLE_EXTENT = Extent(per_row=64, beside=10_000)
"""A table may be wider. It then has fewer rows in one request, as by LOCKSTEP_MAX_BODY_BYTES; one row always fits."""


def decode_json(body: bytes, decoder: msgspec.json.Decoder[Decoded], mark: MarkCells, expected: str) -> Decoded:
    """Return the body as the decoder's type; raise `RequestError`.

    If a cell has a type that no table has, `mark` gets the decoded body and returns it with such cells as text, so
    that they can be named by row and column; None if the body is something else altogether. `expected` is for messages.
    """
    if not body:
        raise RequestError(EMPTY, f"the body is empty; expected {expected}")
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            return _decode_loosely(body, decoder.type, mark, error)
    except RecursionError as error:
        raise RequestError(MALFORMED, "the body is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(MALFORMED, f"the body is not JSON: {error}{describe_text(body)}") from error


def read_levels(asked: Sequence[float] | None) -> Levels | None:
    """Return the levels of a body, None if it has none; raise `InvalidInput` for a number that is no whole percent.

    Whether the model has intervals at these levels, the bundle knows; see `Bundle.choose_levels`.
    """
    if asked is None:
        return None
    if odd := [level for level in asked if not level.is_integer()]:
        raise InvalidInput([Problem(None, "level", describe_odd_level(odd[0]))])
    return tuple(map(int, asked))


def check_extent(body: bytes, max_rows: int, extent: Extent = BARS_EXTENT, marks: str = ",[{") -> None:
    """Raise `RequestError` for a body of more values than `max_rows` rows can have, before any of them is made.

    A value of two bytes becomes an object of up to a hundred: the size of a body alone does not bound memory. A value
    has one of `marks` before it or after it.
    """
    limit = extent.per_row * max_rows + extent.beside
    if len(body) > limit and _count(marks, body) > limit:
        raise RequestError(TOO_LARGE, f"more than {limit} values; this service takes {max_rows} rows in one request")


def _count(marks: str, body: bytes) -> int:
    """Return how many of some characters there are, with numpy a tenth of the time of `bytes.count`."""
    characters = np.frombuffer(body, np.uint8)
    return sum(int(np.count_nonzero(characters == ord(mark))) for mark in marks)


def mark_cell(cell: Any) -> Cell:
    """Return what JSON holds in place of a cell: itself, or a `NoCell` if no table has such a cell."""
    is_cell = cell is None or (isinstance(cell, (str, int, float)) and not isinstance(cell, bool))
    return cell if is_cell else _mark(cell)


def _mark(value: Any) -> NoCell:
    return NoCell(msgspec.json.encode(value).decode())


def mark_row(row: Any) -> list[Cell]:
    """Return a row of marked cells; what is no row becomes one of one that no column holds."""
    return [mark_cell(cell) for cell in row] if isinstance(row, list) else [_mark(row)]


def mark_item(item: Any) -> Any:
    """Return a row, a record or a cell with every cell marked."""
    if isinstance(item, dict):
        return {name: mark_cell(cell) for name, cell in item.items()}
    return mark_row(item) if isinstance(item, list) else mark_cell(item)


def _decode_loosely(body: bytes, expected: type[Decoded], mark: MarkCells, error: msgspec.ValidationError) -> Decoded:
    raw = msgspec.json.decode(body)
    twice = describe_encoded_twice(raw)
    try:
        return msgspec.convert(mark(raw), expected)
    except msgspec.ValidationError:
        told = f"{error}{twice or describe_member(error, list_members(expected))}"
        detail = describe_odd_member(error, raw) or told
        raise RequestError(MALFORMED, detail) from error


def list_members(expected: Any) -> list[str]:
    """Return the names of the members of a body, if it is an object of one type."""
    fields: Sequence[str] = getattr(expected, "__struct_fields__", ())
    return list(fields)


def state_expected(error: RequestError, expected: str) -> RequestError:
    """Return a refusal of a malformed body with what it should be; another refusal as it is."""
    return RequestError(MALFORMED, f"{error}. Expected {expected}") if error.kind is MALFORMED else error


def refuse_repeated_members(body: bytes, n_members: int) -> None:
    """Raise `RequestError` if an object of the body has a member twice, of which decoding would keep the last.

    `n_members` is how many members the decoded objects have, or fewer. Every member has a colon, so a body with as many
    colons has no more members than these. Of others, such as those with times of day, only one with a name twice or an
    escaped name is read again.
    """
    if body.count(b":") <= n_members or _has_different_names(body):
        return
    try:
        json.loads(body, object_pairs_hook=_refuse_repeats)
    except RecursionError as error:
        raise RequestError(MALFORMED, "the body is nested too deeply") from error


def _has_different_names(body: bytes) -> bool:
    """Return whether no name of a member is there twice, in any object, and none is escaped."""
    ends = [found.start() for found in NAME_END.finditer(body)]
    names = [body[body.rfind(b'"', 0, end) + 1 : end] for end in ends]
    return len(set(names)) == len(names) and not any(b"\\" in name for name in names)


def _refuse_repeats(members: list[tuple[str, Any]]) -> None:
    if len(dict(members)) < len(members):  # of a body of many small objects, a third of the time of counting
        twice, _ = Counter(name for name, _ in members).most_common(1)[0]
        raise RequestError(MALFORMED, f"an object of the body has the member {twice[:MAX_SHOWN_CHARACTERS]!r} twice")
