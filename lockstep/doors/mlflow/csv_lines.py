"""Lines of comma-separated values as RFC 4180 writes them, and how their cells are read."""

import csv
import io
import re
from typing import Any

import msgspec
import numpy as np

from lockstep.data.bars import Array
from lockstep.data.price_csv import EXPECTED_DATE
from lockstep.data.schema import CellReader, Cells
from lockstep.doors.body import Cell
from lockstep.doors.frame import JSON_CELLS
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
"""What stands for a number; beyond it `float` takes 1_000, nan, inf and the digits of other scripts."""
NO_JSON = re.compile(r"[\[\]]|-0(?![.\d])")
"""What numbers must not hold to be read as JSON: a bracket, and -0, which JSON reads as a whole number without sign."""
Lines = list[list[Cell]]

_CELLS = msgspec.json.Decoder(list[float])
_LINES: msgspec.json.Decoder[Lines] = msgspec.json.Decoder(list[list[float]])


def split_first(text: str) -> tuple[list[str], str]:
    """Return the cells of the first line, and the text after it; raise `RequestError`."""
    stream = io.StringIO(text, newline="")
    try:
        first = next(csv.reader(stream, strict=True), [])
    except csv.Error as error:
        raise RequestError(MALFORMED, f"the body is not CSV: line 1: {error}") from error
    return first, text[stream.tell() :]


def read_texts(text: str) -> Lines:
    """Return the cells of every line as texts, None for an empty one; raise `RequestError`.

    Blank lines at the end are none; any other has no cells.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines: list[list[Any]] = list(reader)
    except csv.Error as error:
        raise RequestError(MALFORMED, f"the body is not CSV: line {reader.line_num}: {error}") from error
    while lines and not lines[-1]:
        lines.pop()
    return [[cell or None for cell in line] if "" in line else line for line in lines]


def read_numbers_alone(text: str) -> Lines | None:
    """Return the cells of every line as float64, None if one of them may be anything else.

    Lines of numbers are all but JSON, which is read four times as fast.
    """
    joined = text.replace("\r\n", "\n").rstrip("\n")
    if not joined or "\r" in joined or NO_JSON.search(joined):
        return None
    try:
        return _LINES.decode("[[" + joined.replace("\n", "],[") + "]]")
    except msgspec.DecodeError:
        return None


def _read_numbers(cells: Cells) -> Array:
    if isinstance(cells[0], float):
        return JSON_CELLS.read_numbers(cells)
    joined = ",".join(cells)
    try:
        numbers = [] if NO_JSON.search(joined) else _CELLS.decode(f"[{joined}]")
    except msgspec.DecodeError:
        numbers = []
    # a cell may hold a comma
    return np.array(numbers if len(numbers) == len(cells) else [_read_number(cell) for cell in cells])


def _read_number(cell: str) -> float:
    if not NUMBER.fullmatch(cell):
        raise ValueError(cell)
    return float(cell)


CSV_CELLS = CellReader(JSON_CELLS.read_dates, _read_numbers, EXPECTED_DATE)
