"""From the cells of a column, as some format writes them, to an array, with a problem for each that cannot be read.

A format brings two functions, one for dates and one for numbers, that turn a whole column into an array and raise
TypeError or ValueError where a cell does not fit; the bad cells are then looked up one by one.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lockstep.data.bars import Array, Dates
from lockstep.errors import MAX_LISTED, Problem

MAX_SHOWN_CHARACTERS = 40
CELLS_AT_ONCE = 64
UNREADABLE = (TypeError, ValueError, OverflowError)
"""What a reader raises for cells that it cannot read."""
MISSING_WORDS = frozenset({"NA", "N/A", "n/a", "nan", "NaN", "null", "NULL", "None", "?", ""})
"""What other programs write for a missing cell."""

Cells = Sequence[Any] | Array
"""The cells of a column as a format writes them; in an array, NaN is a missing cell."""


class NoCell(str):
    """The text of what stands in the place of a cell and is none, such as a list; no column holds it, not even text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True)
class CellReader:
    """How one format writes dates and numbers, whole columns at a time, and what stands for a missing cell.

    `takes_texts` says whether a text may be a number.
    """

    read_dates: Callable[[Cells], Dates]
    read_numbers: Callable[[Cells], Array]
    expected_date: str
    missing: str = "an empty cell"
    takes_texts: bool = True

    def advise(self, cell: object, *, takes_missing: bool) -> str:
        """Return what to write in place of a cell that is no number, behind a semicolon; empty if that is not known."""
        if not isinstance(cell, str):
            return ""
        if cell in MISSING_WORDS:
            return f"; for a missing value send {self.missing}" if takes_missing else ""
        try:
            is_number = not self.takes_texts and "_" not in cell and math.isfinite(float(cell))
        except ValueError:
            return ""
        return "; write it without quotes" if is_number else ""

    def read_matrix(self, columns: Sequence[Cells]) -> Array:
        """Return the numbers of some columns, (k, n), in memory of their own; raise what `read_numbers` raises."""
        if isinstance(columns[0], np.ndarray):
            return self.read_numbers(np.concatenate(columns)).reshape(len(columns), -1)
        cells: list[Any] = []
        for column in columns:
            cells += column
        return self.read_numbers(cells).reshape(len(columns), -1)


def read_column(
    name: str, cells: Cells, read: Callable[[Cells], np.ndarray], expected: str, *, unread: Any = np.nan
) -> tuple[np.ndarray, list[Problem]]:
    """Return the column of at least one cell, `unread` for each that could not be read, and a problem for each."""
    try:
        return read(cells), []
    except UNREADABLE:
        cells = cells.tolist() if isinstance(cells, np.ndarray) else cells
        single = list(_read_blocks(cells, read))
    column = np.full(len(cells), unread)
    problems = []
    for row, value in enumerate(single):
        if value is None:
            problems.append(Problem(row, name, f"{show_cell(cells[row])} is not {expected}"))
        else:
            column[row] = value
    return column, problems


def read_number_column(
    name: str, cells: Cells, reader: CellReader, expected: str = "a number", *, takes_missing: bool = False
) -> tuple[np.ndarray, list[Problem]]:
    """Return what `read_column` returns of a column of numbers; a problem says what to write, if that is known."""
    numbers, problems = read_column(name, cells, reader.read_numbers, expected)
    # no others are shown
    for place, each in enumerate(problems[:MAX_LISTED]):
        if hint := reader.advise(cells[each.row or 0], takes_missing=takes_missing):
            problems[place] = replace(each, reason=f"{each.reason}{hint}")
    return numbers, problems


def show_cell(cell: object) -> str:
    """Return a cell as a message shows it."""
    return "null" if cell is None else repr(cell)[:MAX_SHOWN_CHARACTERS]


def _read_blocks(cells: Sequence[Any], read: Callable[[Cells], np.ndarray]) -> Iterator[Any]:
    """Yield the value of each cell, None if it cannot be read; only blocks with such a cell are read one by one."""
    for start in range(0, len(cells), CELLS_AT_ONCE):
        block = cells[start : start + CELLS_AT_ONCE]
        try:
            yield from read(block)
        except UNREADABLE:
            yield from (_try(read, cell) for cell in block)


def _try(read: Callable[[Cells], np.ndarray], cell: object) -> Any:
    try:
        return read([cell])[0]
    except UNREADABLE:
        return None
