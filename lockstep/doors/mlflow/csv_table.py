"""CSV bodies: lines with or without a header, to the columns of a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lockstep.data.schema import KNOWN, Cells, normalise_column
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
NO_HEADER = "; if the first line is a row, send Content-Type: text/csv; header=absent"


@dataclass(frozen=True)
class CsvTable:
    """The rows of a body, and the first line, which is not among them if it is a header.

    Rows of numbers alone are float64, others texts; a missing cell is None. If `has_header` is None, the first line is
    among the rows: it is a header all the same if one of its cells is the name of a column of the model.
    """

    text: str
    first: list[str]
    rows: Lines
    has_header: bool | None

    def __len__(self) -> int:
        return len(self.rows)

    def read_columns(self, schema: Schema) -> tuple[Sequence[str] | None, Sequence[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table."""
        names_columns = _names_columns(self.first, schema)
        if self.has_header and not names_columns:
            shown = ", ".join(self.first)[:80]
            raise InvalidInput([Problem(None, "header", f"{shown!r} names no column of the model{NO_HEADER}")])
        rows = self.rows if _is_of_numbers(schema) else self._read_texts()
        if self.has_header is False or not names_columns:
            return CellRows(rows).read_columns(schema)
        return _make_frame(self.first, rows if self.has_header else rows[1:]).read_columns(schema)

    def _read_texts(self) -> Lines:
        """Return the rows as texts: a column of texts may hold what looks like numbers."""
        is_text = not self.rows or not isinstance(self.rows[0][0], float)
        return self.rows if is_text else read_texts(self.text)[bool(self.has_header) :]


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
    rows = read_numbers_alone(rest if has_header else text)
    return CsvTable(text, first, read_texts(text)[bool(has_header) :] if rows is None else rows, has_header)


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


def _make_frame(header: list[str], rows: Lines) -> Frame:
    """Return a frame; a first column without a name is its index, as pandas writes one."""
    if header[0] or any(len(row) != len(header) for row in rows):
        return Frame(header, rows)
    return Frame(header[1:], [row[1:] for row in rows], [row[0] for row in rows])
