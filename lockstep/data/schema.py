"""From named columns of cells to `Bars`, or to a refusal that lists every bad cell.

Both readers end here: `lockstep.data.price_csv` with cells of text, `lockstep.doors.frame` with JSON values.
Each brings two functions, one for dates and one for numbers, that turn a whole column into an array and
raise TypeError or ValueError where a cell does not fit; the bad cells are then looked up one by one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lockstep.data.bars import (
    DATE,
    VALUE_COLUMNS,
    Adjusts,
    Array,
    Bars,
    Dates,
    find_limit_problems,
    find_problems,
    find_value_problems,
    widen_ranges,
)
from lockstep.data.calendar import Calendar
from lockstep.errors import InvalidBars, Problem

ADJUSTED_CLOSE = "adj_close"
REQUIRED = (DATE, *VALUE_COLUMNS)
MAX_SHOWN_CHARACTERS = 40

Cells = Sequence[Any]


@dataclass(frozen=True)
class CellReader:
    """Know how one format writes dates and numbers, whole columns at a time."""

    read_dates: Callable[[Cells], Dates]
    read_numbers: Callable[[Cells], Array]
    expected_date: str


def normalise_column(name: str) -> str:
    """Return the contract's spelling of a column name: `Adj Close` becomes `adj_close`."""
    return name.strip().lower().replace(" ", "_")


def assemble_bars(
    names: Sequence[str],
    columns: Sequence[Cells],
    reader: CellReader,
    calendar: Calendar | None = None,
    adjusts: Adjusts = "prices",
) -> Bars:
    """Return the bars of a table, in its order, or raise `InvalidBars` with every bad cell.

    `names` are as written; `columns` the cells of each, all of one length, at least one. Where there is an
    adjusted close it becomes the close, and `adjusts` says what else: with "prices", open, high and low are scaled
    by adjusted / raw close; with "close" they stay raw, and low … high has to hold the raw close, not the adjusted.
    """
    named = dict(zip(_check_names(names), columns, strict=True))
    dates, problems = _read_column(DATE, named.pop(DATE), reader.read_dates, reader.expected_date)
    arrays = {}
    for name, cells in named.items():
        arrays[name], found = _read_column(name, cells, reader.read_numbers, "a number")
        problems += found
    values = np.stack([arrays[name] for name in VALUE_COLUMNS])
    is_raw = ADJUSTED_CLOSE in arrays
    problems += find_problems(dates, values, calendar, "prices" if is_raw else adjusts)
    if is_raw:
        problems += find_limit_problems(ADJUSTED_CLOSE, arrays[ADJUSTED_CLOSE])
    _refuse(problems)
    if is_raw:
        values = _adjust_prices(values, arrays[ADJUSTED_CLOSE], adjusts)
        _refuse(find_value_problems(values, adjusts))
    widen_ranges(values, adjusts)
    return Bars(dates, values)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidBars(sorted(problems, key=lambda problem: problem.row or 0))


def _check_names(written: Sequence[str]) -> list[str]:
    names = [normalise_column(name) for name in written]
    problems = [Problem(None, name, "the column is missing") for name in REQUIRED if name not in names]
    for name, count in Counter(names).items():
        shown = name[:MAX_SHOWN_CHARACTERS]
        if name not in REQUIRED and name != ADJUSTED_CLOSE:
            expected = ", ".join((*REQUIRED, ADJUSTED_CLOSE))
            problems.append(Problem(None, shown, f"unknown column; expected {expected}"))
        if count > 1:
            problems.append(Problem(None, shown, f"the column is there {count} times"))
    if problems:
        raise InvalidBars(problems)
    return names


def _read_column(
    name: str, cells: Cells, read: Callable[[Cells], np.ndarray], expected: str
) -> tuple[np.ndarray, list[Problem]]:
    """Return the column, NaN or NaT where a cell could not be read, and a problem for each such cell."""
    try:
        return read(cells), []
    except (TypeError, ValueError, OverflowError):
        single = [_try(read, cell) for cell in cells]
    column = np.full(len(cells), np.datetime64("NaT", "D") if name == DATE else np.nan)
    problems = []
    for row, value in enumerate(single):
        if value is None:
            shown = "null" if cells[row] is None else repr(cells[row])[:MAX_SHOWN_CHARACTERS]
            problems.append(Problem(row, name, f"{shown} is not {expected}"))
        else:
            column[row] = value[0]
    return column, problems


def _try(read: Callable[[Cells], np.ndarray], cell: object) -> np.ndarray | None:
    try:
        return read([cell])
    except (TypeError, ValueError, OverflowError):
        return None


def _adjust_prices(values: Array, adjusted: Array, adjusts: Adjusts) -> Array:
    open_, high, low, close, volume = values
    factor = adjusted / close if adjusts == "prices" else np.ones_like(close)
    return np.stack([open_ * factor, high * factor, low * factor, adjusted, volume])
