"""How a price file writes its numbers: with which decimal mark, and with which mark between thousands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lockstep.data.cells import Cells, show_cell
from lockstep.data.price_files.cells import PriceCells
from lockstep.data.price_files.form import Decimal, PriceForm
from lockstep.data.schema import ADJUSTED_CLOSE, REQUIRED, normalise_column
from lockstep.errors import Problem

NUMBERS = (*REQUIRED[1:], ADJUSTED_CLOSE)
GRAMMARS: dict[Decimal, re.Pattern[str]] = {
    ".": re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?([eE][-+]?\d+)?"),
    ",": re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?"),
}
"""A number by its decimal mark; the other mark may stand between thousands."""
OTHER: dict[Decimal, Decimal] = {".": ",", ",": "."}
MARKS = re.compile(r"[.,]")


@dataclass(frozen=True)
class MarkedCell:
    """A cell of numbers that has a mark in it."""

    place: int
    row: int
    text: str

    def fits(self, decimal: Decimal) -> bool:
        """Return whether the cell is a number with this decimal mark."""
        return GRAMMARS[decimal].fullmatch(self.text) is not None


def tidy_numbers(cells: PriceCells, form: PriceForm, *, by_commas: bool) -> PriceCells:
    """Return the cells with numbers as Python writes them; what is no number in any form is left as it is.

    `by_commas` says whether commas separate the columns: without a comma in a cell, a point is then the decimal mark.
    Raises `InvalidInput` if the numbers can be read in two ways.
    """
    if form.decimal is None and by_commas and not any(map(_has_comma, cells.columns)):
        return cells
    marked = [cell for cell in _find_marked(cells) if form.decimal or cell.fits(".") or cell.fits(",")]
    decimal = form.decimal or _choose_decimal(cells, marked)
    if bad := [cell for cell in marked if not cell.fits(decimal)]:
        expected = f"a number with the decimal mark {decimal!r}"
        raise cells.refuse(
            [Problem(cell.row, cells.names[cell.place], f"{show_cell(cell.text)} is not {expected}") for cell in bad]
        )
    return _write_numbers(cells, marked, decimal).saying(*_say(marked, decimal, is_told=form.decimal is not None))


def _has_comma(column: Cells) -> bool:
    return not isinstance(column, np.ndarray) and "," in "".join(map(str, column))


def _find_marked(cells: PriceCells) -> Iterator[MarkedCell]:
    for place, (name, column) in enumerate(zip(cells.names, cells.columns, strict=True)):
        if normalise_column(name) in NUMBERS and not isinstance(column, np.ndarray):
            for row, cell in enumerate(column):
                # without a mark it is the same number either way, and says nothing about the others
                if isinstance(cell, str) and MARKS.search(cell):
                    yield MarkedCell(place, row, cell.strip())


def _choose_decimal(cells: PriceCells, marked: list[MarkedCell]) -> Decimal:
    """Return the decimal mark that all numbers have; a point if none has a mark."""
    others: dict[Decimal, MarkedCell | None] = {
        decimal: next((cell for cell in marked if not cell.fits(decimal)), None) for decimal in GRAMMARS
    }
    no_point, no_comma = others["."], others[","]
    if no_point and no_comma:
        both = f"{show_cell(no_comma.text)} has a decimal point, and {show_cell(no_point.text)} a decimal comma"
        raise cells.refuse(
            [Problem(no_point.row, cells.names[no_point.place], f"{both}; write all numbers in one form")]
        )
    if marked and not no_point and not no_comma:
        first = marked[0]
        asks = "pass --decimal . or --decimal ,"
        reason = f"{show_cell(first.text)} can be read in two ways, as every mark has three digits after it; {asks}"
        raise cells.refuse([Problem(first.row, cells.names[first.place], reason)])
    return "," if no_point else "."


def _write_numbers(cells: PriceCells, marked: list[MarkedCell], decimal: Decimal) -> PriceCells:
    columns = [column if isinstance(column, np.ndarray) else list(column) for column in cells.columns]
    for cell in marked:
        columns[cell.place][cell.row] = _write_number(cell, decimal)
    return cells.with_columns(columns)


def _write_number(cell: MarkedCell, decimal: Decimal) -> str:
    return cell.text.replace(OTHER[decimal], "").replace(decimal, ".")


def _say(marked: list[MarkedCell], decimal: Decimal, *, is_told: bool) -> Iterator[str]:
    """Yield which marks were found; those between thousands also if the decimal mark was told, for they go unseen."""
    if decimal == "," and not is_told and (shown := next((cell.text for cell in marked if "," in cell.text), None)):
        yield f"numbers have a decimal comma, such as {shown}"
    if grouped := next((cell for cell in marked if OTHER[decimal] in cell.text), None):
        marks, number = "points" if decimal == "," else "commas", _write_number(grouped, decimal)
        yield f"numbers have {marks} between thousands, such as {grouped.text}, read as {number}"
