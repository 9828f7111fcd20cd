"""CSV bodies: lines with or without a header, to the columns of a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lockstep.data.bars import Array
from lockstep.data.cells import Cells
from lockstep.data.schema import KNOWN, normalise_column
from lockstep.data.table import TableSchema
from lockstep.doors.body import TABLE_EXTENT, check_extent
from lockstep.doors.frame import KNOWN_DATES, Frame
from lockstep.doors.mlflow.csv_lines import NUMBER, Lines, read_numbers_alone, read_texts, split_first
from lockstep.doors.posted import CellRows
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, WRONG_MEDIA_TYPE
from lockstep.scoring.score import Schema

HEADERS: Mapping[str | None, bool | None] = {None: None, "present": True, "absent": False}
"""Whether the first line is a header, by the parameter of the media type; without it, the line decides."""
CHARSETS = (None, "utf-8", "us-ascii")
SEPARATORS = ",\r\r\n\n"
"""What is counted before a body is read; the end of a line counts twice, for a list and its first cell."""
NO_COMMAS = "; separate the cells by commas"
NO_HEADER = "; if the first line is a row, send Content-Type: text/csv; header=absent"


@dataclass(frozen=True)
class CsvTable:
    """The rows of a body, and the first line, which is not among them if it is a header.

    Rows of numbers alone are an array (n_rows, n_cells), others texts, None if missing. If `has_header` is None, the
    first line is among the rows: it is a header all the same if one of its cells is the name of a column of the model.
    """

    text: str
    first: list[str]
    rows: Array | Lines
    has_header: bool | None

    def __len__(self) -> int:
        return len(self.rows)

    def read_columns(self, schema: Schema) -> tuple[Sequence[str] | None, Sequence[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table."""
        names_columns = _names_columns(self.first, schema)
        if self.has_header and not names_columns:
            shown = ", ".join(self.first)[:80]
            hint = NO_COMMAS if ";" in shown or "\t" in shown else NO_HEADER
            raise InvalidInput([Problem(None, "header", f"{shown!r} names no column of the model{hint}")])
        names = self.first if names_columns and self.has_header is not False else None
        if isinstance(self.rows, np.ndarray) and _is_of_numbers(schema):
            rows = self.rows if self.has_header or names is None else self.rows[1:]
            if len(rows) and (names is None or len(names) == rows.shape[1]):
                return _name_columns(names, list(rows.T))
        texts = self._read_texts()
        if names is None:
            return CellRows(texts).read_columns(schema)
        return _make_frame(names, texts if self.has_header else texts[1:]).read_columns(schema)

    def _read_texts(self) -> Lines:
        """Return the rows as texts: a column of texts may hold what looks like numbers."""
        return read_texts(self.text)[bool(self.has_header) :] if isinstance(self.rows, np.ndarray) else self.rows


def decode_csv(body: bytes, max_rows: int, parameters: Mapping[str, str]) -> CsvTable:
    """Return the rows of a body, its media type having `parameters`; raise `RequestError`."""
    declared = parameters.get("header")
    if declared not in HEADERS or parameters.get("charset") not in CHARSETS:
        detail = "text/csv is taken with header=present, header=absent and charset=utf-8"
        raise RequestError(WRONG_MEDIA_TYPE, f"{detail}, not with {dict(parameters)!r:.80}")
    if not body:
        raise RequestError(EMPTY, "the body is empty; expected lines of CSV")
    check_extent(body, max_rows, TABLE_EXTENT, SEPARATORS)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(MALFORMED, f"the body is not UTF-8: {error}") from error
    first, rest = split_first(text)
    has_header = HEADERS[declared]
    if has_header is None and not all(map(_is_value, first)):
        has_header = True
    numbers = read_numbers_alone(rest if has_header else text)
    if numbers is not None:
        return CsvTable(text, first, numbers, has_header)
    if has_header:
        return CsvTable(text, first, read_texts(text)[1:], has_header)
    first.clear()  # it may be as large as all other lines
    lines = read_texts(text)
    return CsvTable(text, [str(cell or "") for cell in next(iter(lines), [])], lines, has_header)


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
