"""Split-oriented pandas JSON: from bytes to cells, and how its dates and numbers are read.

Numbers are read as the nearest float64.
"""

import datetime
import re
import struct
from typing import Any

import msgspec
import numpy as np

from lockstep.data.bars import DATE, Array, Dates
from lockstep.data.cells import CellReader, Cells
from lockstep.data.schema import normalise_column
from lockstep.data.table import TableSchema
from lockstep.doors.body import CellRow, CellTable, ColumnNames, Decoded, MarkCells, check_extent, decode_json, mark_row
from lockstep.doors.door import Received
from lockstep.doors.misread import SPLIT, describe_orientation
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED
from lockstep.scoring.score import Schema

MS_PER_DAY = 86_400_000
EPOCH_ORDINAL = datetime.date(1970, 1, 1).toordinal()
ISO_DATE_LENGTH = 10
MAX_KNOWN_DATES = 1 << 15
"""More than the sessions of a century; 5 MB at most."""
MIDNIGHT = re.compile(r"([T ]00:00(:00(\.0{1,9})?)?(Z|\+00:?00)?)?")
EXPECTED_DATE = "a date: ISO 8601 (2013-03-01) or milliseconds since 1970-01-01, without a time of day: bars are daily"


class Frame(msgspec.Struct, forbid_unknown_fields=True):
    """A frame as `DataFrame.to_json(orient="split")` writes it."""

    columns: ColumnNames
    data: CellTable
    index: CellRow | None = None

    def __len__(self) -> int:
        return len(self.data)

    @property
    def n_members(self) -> int:
        """Return how many members the frame was written with at least: an index of null is as none."""
        return 2 + (self.index is not None)

    def read_columns(self, schema: Schema) -> tuple[list[str], list[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table.

        If no column of bars is called `date`, the index holds the dates. That of another table has no meaning.
        """
        if isinstance(schema, TableSchema):
            self._require_rows("at least one")
            return self.columns, self.transpose()
        return self.read_bars()

    def read_bars(self) -> tuple[list[str], list[Cells]]:
        """Return what `read_columns` returns for a model of bars."""
        self._require_rows("one for each bar")
        names, columns = list(self.columns), self.transpose()
        if self.index is not None and DATE not in map(normalise_column, names):
            if all(isinstance(label, float) and abs(label) < MS_PER_DAY for label in self.index):
                raise InvalidInput([Problem(None, DATE, "no date column, and the index holds no dates")])
            names.append(DATE)
            columns.append(self.index)
        return names, columns

    def _require_rows(self, expected: str) -> None:
        if not self.data:
            raise InvalidInput([Problem(None, "data", f"no rows; expected {expected}")])

    def transpose(self) -> list[Cells]:
        """Return the cells by column; raise `InvalidInput` if the rows, the columns and the index do not fit."""
        n_columns, n_rows = len(self.columns), len(self.data)
        fits_index = self.index is None or len(self.index) == n_rows
        if self.data and fits_index and set(map(len, self.data)) == {n_columns}:
            return list(zip(*self.data, strict=True))
        problems = [
            Problem(row, "data", f"{len(cells)} cells, but there are {n_columns} columns")
            for row, cells in enumerate(self.data)
            if len(cells) != n_columns
        ]
        if self.index is not None and not fits_index:
            problems.append(Problem(None, "index", f"{len(self.index)} labels for {n_rows} rows"))
        raise InvalidInput(problems)


def mark_frame(raw: Any) -> Any:
    """Return a decoded frame with every cell of a type that no frame has as text.

    Raises `RequestError` if it has cells where rows stand.
    """
    if isinstance(raw, dict) and isinstance(raw.get("data"), list):
        if raw["data"] and not any(isinstance(row, list) for row in raw["data"]):
            raise RequestError(MALFORMED, "`data` holds no rows; a row is a list of cells: write one row as [[…]]")
        raw["data"] = [mark_row(row) for row in raw["data"]]
    return raw


def mark_body(raw: Any) -> Any:
    """Return a decoded body with the cells of its frame marked; raise `RequestError` for another orientation."""
    frame = raw.get("dataframe_split", raw) if isinstance(raw, dict) else raw
    if orientation := describe_orientation(frame):
        raise RequestError(MALFORMED, f"the frame is oriented by {orientation}; expected orient='split': {SPLIT}")
    mark_frame(frame)
    return raw


def decode_body(
    received: Received,
    decoder: msgspec.json.Decoder[Decoded],
    expected: str = "a split-oriented JSON frame of price bars",
    mark: MarkCells = mark_body,
) -> Decoded:
    """Return the body as the decoder's type, which holds a frame; raise `RequestError`."""
    check_extent(received.body, received.max_rows)
    return decode_json(received.body, decoder, mark, expected)


class DayNumbers(dict[str, int]):
    """Days since 1970-01-01 by the text of a date, each read once; emptied when it holds `MAX_KNOWN_DATES`.

    A text that was read has a bounded length, so this has a bounded size.
    """

    def __missing__(self, text: str) -> int:
        """Read a date in ISO 8601; raise TypeError or ValueError for anything else."""
        day = text if len(text) == ISO_DATE_LENGTH else _cut_midnight(text)
        if "W" in day:  # fromisoformat takes weeks as well
            raise ValueError("not year-month-day")
        number = datetime.date.fromisoformat(day).toordinal() - EPOCH_ORDINAL
        if len(self) >= MAX_KNOWN_DATES:
            self.clear()
        self[text] = number
        return number


KNOWN_DATES = DayNumbers()


def _read_dates(cells: Cells) -> Dates:
    if not isinstance(cells[0], str):
        return _read_epoch_dates(cells)
    return np.fromiter(map(KNOWN_DATES.__getitem__, cells), np.int64, len(cells)).view("datetime64[D]")


def _read_epoch_dates(cells: Cells) -> Dates:
    milliseconds = _read_numbers(cells)
    days = np.floor(milliseconds / MS_PER_DAY)
    if (days * MS_PER_DAY != milliseconds).any() or np.abs(days).max() > EPOCH_ORDINAL:
        raise ValueError("a time of day, or out of range")
    return days.astype("datetime64[D]")


def _cut_midnight(cell: str) -> str:
    if len(cell) < ISO_DATE_LENGTH or not MIDNIGHT.fullmatch(cell[ISO_DATE_LENGTH:]):
        raise ValueError("a time of day or an offset")
    return cell[:ISO_DATE_LENGTH]


def _read_numbers(cells: Cells) -> Array:
    numbers = np.empty(len(cells))
    try:
        struct.pack_into(f"{len(cells)}d", numbers.data, 0, *cells)  # half the time of an array made of a list
    except struct.error as error:
        raise ValueError("not a number") from error
    return numbers


JSON_CELLS = CellReader(_read_dates, _read_numbers, EXPECTED_DATE, "null", takes_texts=False)
