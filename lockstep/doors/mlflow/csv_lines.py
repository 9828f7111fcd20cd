"""Lines of comma-separated values as RFC 4180 writes them, and how their cells are read."""

import csv
import io
import re
from typing import Any

import msgspec
import numpy as np

from lockstep.data.bars import Array
from lockstep.data.cells import CellReader, Cells
from lockstep.data.price_csv import EXPECTED_DATE
from lockstep.doors.body import Cell
from lockstep.doors.frame import JSON_CELLS
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
"""What stands for a number; beyond it `float` takes 1_000, nan, inf and the digits of other scripts."""
OF_NUMBERS, LINE_ENDS = b"0123456789+-.eE \t", (b"\n", b"\r\n")
"""What numbers are written with, and what ends a line."""
MINUS_ZERO = re.compile(rb"-0(?![.\d])")
"""What JSON reads as a whole number, which has no sign."""
Lines = list[list[Cell]]

_DECODER = msgspec.json.Decoder(list[float])


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
    written = text.rstrip("\r\n").encode()
    ends = written.translate(None, OF_NUMBERS) + (b"\r\n" if "\r" in text else b"\n")
    line = ends[: ends.index(b"\n") + 1]
    n_lines = len(ends) // len(line)
    if line.strip(b",") not in LINE_ENDS or ends != line * n_lines:
        return None
    if written.count(b"\r") != written.count(b"\r\n"):  # one alone ends a line, and to JSON it is a blank
        return None
    cells = _decode_numbers(written.replace(b"\n", b","))
    return JSON_CELLS.read_numbers(cells).reshape(n_lines, -1) if cells else None


def _decode_numbers(text: bytes) -> list[float] | None:
    """Return the numbers of a text, separated by commas; None if it holds anything else, or any spelling but JSON's."""
    if MINUS_ZERO.search(text):
        return None
    try:
        return _DECODER.decode(b"[%b]" % text)
    except msgspec.DecodeError:
        return None


def _read_numbers(cells: Cells) -> Array:
    if isinstance(cells, np.ndarray):
        return cells
    numbers = _decode_numbers(",".join(cells).encode())
    if numbers is None or len(numbers) != len(cells):  # a cell may hold a comma
        numbers = [_read_number(cell) for cell in cells]
    return np.array(numbers)


def _read_number(cell: str) -> float:
    if not NUMBER.fullmatch(cell):
        raise ValueError(cell)
    return float(cell)


CSV_CELLS = CellReader(JSON_CELLS.read_dates, _read_numbers, EXPECTED_DATE)
