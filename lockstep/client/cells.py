"""Cells of a DataFrame as JSON has them: every number as it is, or a reason why it cannot be.

A number is written as the shortest text that reads back as the same float64. A missing cell (NaN, None, NaT, pd.NA) is
null. What JSON does not have is refused: infinities, and whole numbers that no float64 holds.
"""

import datetime
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from lockstep.client.errors import RowError

Cell = float | int | str | bool | None
MIDNIGHT = datetime.time()
LOCAL_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]00:00(?::00)?(?:Z|[+-]\d\d:?\d\d)?")
"""A day as a frame with time zones writes it in a file."""
NEW_YORK = "America/New_York"


def write_cells(column: str, cells: Iterable[Any], write: Callable[[Any], Cell], errors: list[RowError]) -> list[Cell]:
    """Return the cells of a column for JSON; add an error for each that has no place there."""
    written: list[Cell] = []
    for row, cell in enumerate(cells):
        try:
            written.append(write(cell))
        except ValueError as error:
            errors.append(RowError(row, column, str(error)))
            written.append(None)
    return written


def write_value(cell: Any) -> Cell:
    """Return a number, a text, true, false or null; raise ValueError for anything else."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    if isinstance(cell, float | np.float32 | np.float16):
        return _write_float(float(cell))
    if isinstance(cell, int | np.integer):
        return _write_whole(int(cell))
    if isinstance(cell, str):
        return str(cell)
    raise ValueError(f"{_show(cell)} is no number and no text: convert the column, as with .astype(float)")


def write_date(cell: Any) -> Cell:
    """Return the day of a date, as its own clock shows it; raise ValueError for a time of day."""
    if isinstance(cell, str):
        found = LOCAL_MIDNIGHT.fullmatch(cell)
        return found[1] if found else str(cell)
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    if cell is pd.NaT or not isinstance(cell, datetime.date):
        return write_value(cell)
    if not isinstance(cell, datetime.datetime):
        return cell.isoformat()
    has_nanoseconds = isinstance(cell, pd.Timestamp) and cell.nanosecond > 0
    if cell.time() != MIDNIGHT or has_nanoseconds:
        raise ValueError(f"{cell} has a time of day, and bars are daily: {_name_remedy(cell)}")
    return cell.date().isoformat()


def _name_remedy(cell: datetime.datetime) -> str:
    if cell.tzinfo is None:
        return "if the days are right, .normalize() leaves them alone"
    return f"if these are days of New York, .tz_convert({NEW_YORK!r})"


def _write_float(value: float) -> float | None:
    if math.isinf(value):
        raise ValueError(f"{value} is not a finite number")
    return None if math.isnan(value) else value


def _write_whole(value: int) -> int:
    if abs(value) > 2**53 and int(float(value)) != value:
        raise ValueError(f"{value} has more digits than a float64 holds")
    return value


def _show(cell: Any) -> str:
    return f"{cell!r:.40} of type {type(cell).__name__}"
