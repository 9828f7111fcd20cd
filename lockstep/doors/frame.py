"""Split-oriented pandas JSON: from bytes to cells, and how its dates and numbers are read.

Numbers are read as the nearest float64.
"""

import datetime
import re
from array import array
from typing import Any, TypeVar

import msgspec
import numpy as np

from lockstep.data.bars import DATE, Array, Dates
from lockstep.data.schema import CellReader, Cells, normalise_column
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, TOO_LARGE

Cell = float | str | None
Decoded = TypeVar("Decoded")

MS_PER_DAY = 86_400_000
EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()
ISO_DATE_LENGTH = 10
MIDNIGHT = re.compile(r"([T ]00:00(:00(\.0{1,9})?)?(Z|\+00:?00)?)?")
EXPECTED_DATE = "a date: ISO 8601 (2013-03-01) or milliseconds since 1970-01-01, without a time of day"
MAX_VALUES_PER_ROW = 16
"""More than seven cells, their list and an index label: what has more values for each allowed row is no frame."""
MAX_VALUES_BESIDE = 100
"""Room for column names and options, where few rows are allowed."""


class Frame(msgspec.Struct, forbid_unknown_fields=True):
    """A frame as `DataFrame.to_json(orient="split")` writes it."""

    columns: list[str]
    data: list[list[Cell]]
    index: list[Cell] | None = None

    def __len__(self) -> int:
        return len(self.data)

    def read_columns(self) -> tuple[list[str], list[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table.

        If no column is called `date`, the index holds the dates.
        """
        names, columns = list(self.columns), _transpose(self)
        if self.index is not None and DATE not in map(normalise_column, names):
            if all(isinstance(label, float) and abs(label) < MS_PER_DAY for label in self.index):
                raise InvalidInput([Problem(None, DATE, "no date column, and the index holds no dates")])
            names.append(DATE)
            columns.append(self.index)
        return names, columns


def decode_body(body: bytes, decoder: msgspec.json.Decoder[Decoded], max_rows: int) -> Decoded:
    """Return the body as the decoder's type, which holds a frame; raise `RequestError`."""
    check_extent(body, max_rows)
    if not body:
        raise RequestError(EMPTY, "the body is empty; expected a split-oriented JSON frame of price bars")
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            return _decode_loosely(body, decoder.type, error)
    except RecursionError as error:
        raise RequestError(MALFORMED, "the body is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(MALFORMED, f"the body is not JSON: {error}") from error


def check_extent(body: bytes, max_rows: int) -> None:
    """Raise `RequestError` for a body of more values than `max_rows` rows can have, before any of them is made.

    A value of two bytes becomes an object of up to a hundred: the size of a body alone does not bound memory.
    """
    limit = MAX_VALUES_PER_ROW * max_rows + MAX_VALUES_BESIDE
    if len(body) > limit and body.count(b",") + body.count(b"[") + body.count(b"{") > limit:
        raise RequestError(TOO_LARGE, f"more than {limit} values; this service takes {max_rows} rows in one request")


def _decode_loosely(body: bytes, expected: type[Decoded], error: msgspec.ValidationError) -> Decoded:
    """Return the body with every cell of a type that no frame has as text, so that its row can be named."""
    raw = msgspec.json.decode(body)
    frame = raw.get("dataframe_split", raw) if isinstance(raw, dict) else None
    if not (isinstance(frame, dict) and isinstance(frame.get("data"), list)):
        raise RequestError(MALFORMED, str(error)) from error
    rows = frame["data"]
    frame["data"] = [[_mark(cell) for cell in row] if isinstance(row, list) else [_mark(row)] for row in rows]
    try:
        return msgspec.convert(raw, expected)
    except msgspec.ValidationError:
        raise RequestError(MALFORMED, str(error)) from error


def _mark(cell: Any) -> Cell:
    is_cell = cell is None or (isinstance(cell, (str, int, float)) and not isinstance(cell, bool))
    return cell if is_cell else msgspec.json.encode(cell).decode()


def _transpose(frame: Frame) -> list[Cells]:
    n_columns, n_rows = len(frame.columns), len(frame.data)
    problems = [
        Problem(row, "data", f"{len(cells)} cells, but there are {n_columns} columns")
        for row, cells in enumerate(frame.data)
        if len(cells) != n_columns
    ]
    if not frame.data:
        problems.append(Problem(None, "data", "no rows; expected one for each bar"))
    elif frame.index is not None and len(frame.index) != n_rows:
        problems.append(Problem(None, "index", f"{len(frame.index)} labels for {n_rows} rows"))
    if problems:
        raise InvalidInput(problems)
    return list(zip(*frame.data, strict=True))


def _read_dates(cells: Cells) -> Dates:
    return _read_iso_dates(cells) if isinstance(cells[0], str) else _read_epoch_dates(cells)


def _read_epoch_dates(cells: Cells) -> Dates:
    milliseconds = _read_numbers(cells)
    days = np.floor(milliseconds / MS_PER_DAY)
    if (days * MS_PER_DAY != milliseconds).any() or np.abs(days).max() > EPOCH_ORDINAL:
        raise ValueError("a time of day, or out of range")
    return days.astype("datetime64[D]")


def _read_iso_dates(cells: Cells) -> Dates:
    days = cells if set(map(len, cells)) == {ISO_DATE_LENGTH} else [_cut_midnight(cell) for cell in cells]
    if "W" in "".join(days):  # fromisoformat takes weeks as well
        raise ValueError("not year-month-day")
    ordinals = [datetime.date.fromisoformat(day).toordinal() for day in days]
    return (np.array(ordinals) - EPOCH_ORDINAL).astype("datetime64[D]")


def _cut_midnight(cell: str) -> str:
    if len(cell) < ISO_DATE_LENGTH or not MIDNIGHT.fullmatch(cell[ISO_DATE_LENGTH:]):
        raise ValueError("a time of day or an offset")
    return cell[:ISO_DATE_LENGTH]


def _read_numbers(cells: Cells) -> Array:
    return np.array(array("d", cells))


JSON_CELLS = CellReader(_read_dates, _read_numbers, EXPECTED_DATE)
