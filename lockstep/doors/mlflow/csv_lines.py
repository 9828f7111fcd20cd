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
OF_NUMBERS = b"0123456789+-.eE, \n"
COMMA, LINE_END = b",\n"
Lines = list[list[Cell]]

_CELLS = msgspec.json.Decoder(list[float])


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


def read_numbers_alone(text: str) -> Array | None:
    """Return the cells as float64 (n_lines, n_cells), None if one of them may be anything else, or lines differ.

    Numbers with commas between them are all but JSON, which is read ten times as fast.
    """
    lines = text.encode().replace(b"\r\n", b"\n").rstrip(b"\n")
    if not lines or lines.translate(None, OF_NUMBERS) or (b"-0" in lines and NO_JSON.search(lines.decode())):
        return None
    try:
        cells = _CELLS.decode(b"[" + lines.replace(b"\n", b",") + b"]")
    except msgspec.DecodeError:
        return None
    characters = np.frombuffer(lines, np.uint8)
    ends_line = characters[(characters == COMMA) | (characters == LINE_END)] == LINE_END
    n_lines = int(np.count_nonzero(ends_line)) + 1
    n_cells = len(cells) // n_lines
    if not cells or n_lines * n_cells != len(cells) or not ends_line[n_cells - 1 :: n_cells].all():
        return None
    return JSON_CELLS.read_numbers(cells).reshape(n_lines, n_cells)


def _read_numbers(cells: Cells) -> Array:
    if isinstance(cells, np.ndarray):
        return cells
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
