"""Rows as lines of CSV, in the ways in which pandas and others write them."""

import csv
import io
import json
from typing import Literal

from lockstep.data.bars import DATE
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.draws import Draws


def write_csv(sheet: Sheet, draws: Draws, *, has_header: bool) -> str:
    """Return the lines; numbers as they are spelled, and nothing for what is missing."""
    cells = [list(map(_write_cell, row)) for row in sheet.cells]
    lines = [list(sheet.names), *cells] if has_header else cells
    if has_header and draws.chance(3):
        lines = [[label, *line] for label, line in zip(["", *map(str, range(len(cells)))], lines, strict=True)]
    stream = io.StringIO(newline="")
    quotes_all, line_end = draws.chance(3), draws.choose(("\n", "\r\n"))
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL
    csv.writer(stream, quoting=quoting, lineterminator=line_end).writerows(lines)
    return stream.getvalue().rstrip("\r\n") if draws.chance(3) else stream.getvalue()


def _write_cell(text: str) -> str:
    cell = json.loads(text)
    return cell if isinstance(cell, str) else "" if cell is None else text


def is_of_values(sheet: Sheet) -> bool:
    """Return whether the first row cannot be taken for a header: it holds numbers and dates alone."""
    cells = zip(sheet.names, map(json.loads, sheet.cells[0]), strict=True)
    return all(name == DATE or not isinstance(cell, str) for name, cell in cells)
