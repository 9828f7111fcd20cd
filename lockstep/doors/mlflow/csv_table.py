"""CSV bodies: lines with or without a header, to the columns of a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lockstep.data.bars import Array
from lockstep.data.schema import KNOWN, Cells, normalise_column
from lockstep.data.table import TableSchema
from lockstep.doors.body import TABLE_EXTENT, check_extent
from lockstep.doors.frame import KNOWN_DATES, Frame
from lockstep.doors.mlflow.csv_lines import NUMBER, Lines, Numbers, read_numbers_alone, read_texts, split_first
from lockstep.doors.posted import CellRows, require_rows
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, WRONG_MEDIA_TYPE
from lockstep.scoring.score import Schema

HEADERS: Mapping[str | None, bool | None] = {None: None, "present": True, "absent": False}
"""Whether the first line is a header, by the parameter of the media type; without it, the line decides."""
CHARSETS = (None, "utf-8", "us-ascii")
NO_HEADER = "; if the first line is a row, send Content-Type: text/csv; header=absent"


@dataclass(frozen=True)
class CsvTable:
    """The lines of a body after the header, if the first line certainly is one, and the cells of that line.

    If `has_header` is None, the first line is among the rows: it is a header all the same if one of its cells is the
    name of a column of the model. `numbers` are the columns if all cells are numbers; otherwise `lines` are there.
    """

    text: str
    first: list[str]
    has_header: bool | None
    numbers: Numbers | None
    lines: Lines

    def __len__(self) -> int:
        return len(self.lines) if self.numbers is None else len(self.numbers[0])

    def read_columns(self, schema: Schema) -> tuple[Sequence[str] | None, Sequence[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table."""
        is_named = self.has_header is not False and _names_columns(self.first, schema)
        if self.has_header and not is_named:
            shown = ", ".join(self.first)[:80]
            raise InvalidInput([Problem(None, "header", f"{shown!r} names no column of the model{NO_HEADER}")])
        header = self.first if is_named else None
        if self.numbers is not None and _is_of_numbers(schema) and len(self.numbers) == len(self.first):
            return self._arrange_numbers(header, self.numbers)
        lines = self.lines if self.numbers is None else _read_lines(self.text, self.has_header)
        if header is None:
            return CellRows(lines).read_columns(schema)
        return _make_frame(header, lines if self.has_header else lines[1:]).read_columns(schema)

    def _arrange_numbers(self, header: list[str] | None, numbers: Numbers) -> tuple[Sequence[str] | None, Numbers]:
        """Return the names and the columns without the header, and without the index."""
        if header is None:
            return None, numbers
        columns = numbers if self.has_header else [column[1:] for column in numbers]
        require_rows(columns[0])
        return (header, columns) if header[0] else (header[1:], columns[1:])


def decode_csv(body: bytes, max_rows: int, parameters: Mapping[str, str]) -> CsvTable:
    """Return the rows of a body, its media type having `parameters`; raise `RequestError`."""
    declared = parameters.get("header")
    if declared not in HEADERS or parameters.get("charset") not in CHARSETS:
        detail = "text/csv is taken with header=present, header=absent and charset=utf-8"
        raise RequestError(WRONG_MEDIA_TYPE, f"{detail}, not with {dict(parameters)!r:.80}")
    if not body:
        raise RequestError(EMPTY, "the body is empty; expected lines of CSV")
    check_extent(body, max_rows, TABLE_EXTENT, ",\r\n")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(MALFORMED, f"the body is not UTF-8: {error}") from error
    first, rest = split_first(text)
    has_header = HEADERS[declared]
    if has_header is None and not all(map(_is_value, first)):
        has_header = True
    numbers = read_numbers_alone(rest if has_header else text)
    return CsvTable(text, first, has_header, numbers, _read_lines(text, has_header) if numbers is None else [])


def _read_lines(text: str, has_header: bool | None) -> Lines:
    return read_texts(text)[bool(has_header) :]


def _is_value(cell: str) -> bool:
    """Return whether a cell of the first line may be one of a row: a number, a date or nothing."""
    try:
        return not cell or bool(NUMBER.fullmatch(cell)) or KNOWN_DATES[cell] is not None
    except ValueError:
        return False


def _names_columns(cells: Sequence[str], schema: Schema) -> bool:
    if isinstance(schema, TableSchema):
        return not set(cells).isdisjoint(schema.names)
    return not set(map(normalise_column, cells)).isdisjoint(KNOWN)


def _is_of_numbers(schema: Schema) -> bool:
    return isinstance(schema, TableSchema) and "text" not in schema.kinds


def _name_columns(names: list[str] | None, columns: list[Array]) -> tuple[Sequence[str] | None, Sequence[Cells]]:
    """Return the columns and their names, without an index."""
    return (names, columns) if names is None or names[0] else (names[1:], columns[1:])


def _make_frame(header: list[str], rows: Lines) -> Frame:
    """Return a frame; a first column without a name is its index, as pandas writes one."""
    if header[0] or any(len(row) != len(header) for row in rows):
        return Frame(header, rows)
    return Frame(header[1:], [row[1:] for row in rows], [row[0] for row in rows])
