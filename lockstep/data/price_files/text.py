"""Price files as text: what separates the columns, and how many lines the header has."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from lockstep.data.price_csv import check_lengths
from lockstep.data.price_files.cells import PriceCells
from lockstep.data.price_files.columns import is_unnamed
from lockstep.data.price_files.form import PriceForm
from lockstep.data.price_files.levels import take_one_ticker
from lockstep.data.rewriting import Key, Rewriting, name_separator
from lockstep.data.table_csv import check_header
from lockstep.errors import InvalidInput, Problem

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
COMMA = ","
FIELD, TICKER = "Price", "Ticker"
"""The levels of the columns that yfinance downloads, which pandas writes into the first cells of two lines."""
N_HEADER_LINES = 3
NO_BARS = "no bars; expected a header and a line for each bar"

Numbered = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Separator:
    """What separates the columns, and whether that was found out and is no comma."""

    mark: str
    is_found: bool

    @property
    def said(self) -> tuple[str, ...]:
        """Return what there is to say of it."""
        return (f"{SEPARATORS.get(self.mark, repr(self.mark))} separate the columns",) if self.is_found else ()


def parse_price_text(text: str, path: Path, separator: Separator) -> PriceCells:
    """Return the cells of a text with a header; `path` is the file's. Raises `InvalidInput`, which names lines."""
    name = path.name
    lines = _split_lines(text, name, separator.mark)
    header, numbered, said = _take_header(lines, name)
    if not numbered:
        raise InvalidInput([Problem(None, name, NO_BARS)])
    check_lengths(numbered, len(header))
    columns = list(zip(*(cells for _, cells in numbered), strict=True))
    check_header([each for each in header if not is_unnamed(each)], name)
    options = ("header=[0, 1]", "index_col=0") if said else ()
    again = Rewriting(path, (*options, *name_separator(separator.mark), "dtype=str"), keeps_index=bool(said))
    keys: Sequence[Key] = [each or f"Unnamed: {place}" for place, each in enumerate(header)]
    if said:
        keys = list(zip_longest(lines[0][1], lines[1][1], fillvalue=""))[: len(header)]
    numbers = [line for line, _ in numbered]
    return PriceCells(header, columns, keys, again, numbers=numbers, unit="line", said=separator.said + said)


def choose_separator(header: str, name: str, form: PriceForm) -> Separator:
    """Return what separates the columns of a header; raise `InvalidInput` if more than one character may."""
    if form.sep is not None:
        return Separator(form.sep, is_found=False)
    there = [mark for mark in SEPARATORS if mark in header]
    if len(there) > 1:
        shown = " and ".join(SEPARATORS[mark] for mark in there)
        raise InvalidInput(
            [Problem(None, name, f"the header has {shown}; say which of them separate the columns: --sep {there[0]!r}")]
        )
    return Separator(there[0], there[0] != COMMA) if there else Separator(COMMA, is_found=False)


def _split_lines(text: str, name: str, separator: str) -> Numbered:
    """Return the cells of each line that is not empty, with its number, from 1 on.

    A cell over several lines is refused: a quote that is not closed would hide all lines after it in one cell.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise InvalidInput([Problem(reader.line_num, name, str(error))], unit="line") from error
    if found := next((line for line, cells in lines if any("\n" in cell for cell in cells)), None):
        raise InvalidInput([Problem(found, name, "a quote opens a cell of more than one line here")], unit="line")
    return lines


def _take_header(lines: Numbered, name: str) -> tuple[list[str], Numbered, tuple[str, ...]]:
    """Return the names of the columns, the lines after them, and what there is to say of a header of three lines."""
    if not lines:
        raise InvalidInput([Problem(None, name, NO_BARS)])
    levels = {cells[0].strip(): cells[1:] for _, cells in lines[: N_HEADER_LINES - 1]}
    if set(levels) != {FIELD, TICKER} or len(lines) < N_HEADER_LINES:
        return lines[0][1], lines[1:], ()
    index = lines[N_HEADER_LINES - 1][1]
    return [index[0].strip(), *levels[FIELD]], lines[N_HEADER_LINES:], (take_one_ticker(name, levels[TICKER]),)
