"""A long frame in CSV: a line for each bar, whose column `symbol` says of which series it is.

The file is read twice. First only the place of each line is kept, by symbol. A series is then read from its lines,
wherever they are. So memory holds 16 bytes for each line, and the bars of one series.
"""

import csv
import hashlib
from array import array
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path

from lockstep.data.bars import Bars
from lockstep.data.panel.sources import BadSeries, Panel, make_panel
from lockstep.data.price_files.cells import SYMBOL, SYMBOL_NAMES, PriceCells
from lockstep.data.price_files.columns import is_unnamed
from lockstep.data.price_files.form import PriceForm
from lockstep.data.price_files.reading import decode_prices, parse_prices
from lockstep.data.price_files.text import NO_BARS, choose_separator
from lockstep.data.schema import BarsSchema, normalise_column
from lockstep.data.table_csv import check_header
from lockstep.errors import InvalidInput, Problem

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NO_SYMBOL = "(no symbol)"


@dataclass(frozen=True)
class Lines:
    """Where the lines of a series begin, in bytes from the beginning of the file, and their numbers, from 1 on."""

    offsets: "array[int]" = field(default_factory=lambda: array("q"))
    numbers: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True)
class SeriesLines:
    """The lines of one symbol in a long frame, whose header is `header`."""

    symbol: str
    path: Path
    header: bytes
    lines: Lines
    form: PriceForm

    def read(self, schema: BarsSchema) -> Bars:
        """Return the bars, oldest first; raise `InvalidInput`, which names lines of the file, or OSError."""
        try:
            return self._parse().read(schema, self.symbol)
        except InvalidInput as error:
            raise error.renumbered([0, 1, *self.lines.numbers], "line") from None

    def find_said(self) -> tuple[str, ...]:
        """Return what there is to say of how they are read; raise `InvalidInput` or OSError."""
        return self._parse().said

    def digest(self) -> str:
        """Return the SHA-256 of the header and the lines."""
        return hashlib.sha256(self._read_bytes()).hexdigest()

    def _parse(self) -> PriceCells:
        return parse_prices(decode_prices(self._read_bytes(), self.path, self.form), self.path, self.form)

    def _read_bytes(self) -> bytes:
        with self.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as held:
            # -1, where the last line has no end, becomes the end of the file
            ends = (held.find(b"\n", offset) + 1 or len(held) for offset in self.lines.offsets)
            return self.header + b"".join(held[start:end] for start, end in zip(self.lines.offsets, ends, strict=True))


@dataclass(frozen=True)
class Place:
    """The place of the column of symbols, among those that `separator` separates."""

    column: int
    separator: str

    def pick_cell(self, line: bytes, number: int) -> bytes:
        """Return the symbol of a line without its end; empty if the line has not as many cells."""
        if b"\r" in line or line.count(b'"') % 2:
            reason = "holds a break of lines; expected one bar in each"
            raise InvalidInput([Problem(number, "line", reason)], unit="line")
        if b'"' in line:
            quoted = next(csv.reader([line.decode(errors="replace")], delimiter=self.separator))
            return quoted[self.column].encode() if len(quoted) > self.column else b""
        cells = line.split(self.separator.encode(), self.column + 1)
        return cells[self.column] if len(cells) > self.column else b""


def find_in_long_csv(path: Path, form: PriceForm) -> Panel:
    """Return the series of a long frame; raise `InvalidInput` for one without the column `symbol`, and OSError."""
    with path.open("rb") as file:
        first = file.readline()
        header = first.removeprefix(BYTE_ORDER_MARK)
        text = decode_prices(header, path, form)
        separator = choose_separator(text, path.name, form).mark
        names = next(csv.reader([text], delimiter=separator), [])
        check_header([name for name in names if not is_unnamed(name)], path.name)
        place, found, offset = Place(find_symbol_column(names), separator), dict[bytes, Lines](), len(first)
        for number, line in enumerate(file, 2):
            if bare := line.rstrip(b"\r\n"):
                lines = found.setdefault(place.pick_cell(bare, number), Lines())
                lines.offsets.append(offset)
                lines.numbers.append(number)
            offset += len(line)
    if not found:
        raise InvalidInput([Problem(None, path.name, NO_BARS)])
    bad = [_refuse_nameless(each) for each in (found.pop(b"", None),) if each]
    sources = [SeriesLines(_decode(symbol), path, header, lines, form) for symbol, lines in found.items()]
    return make_panel(sources, bad)


def find_symbol_column(names: list[str]) -> int:
    """Return the place of the column `symbol`; raise `InvalidInput` if there is none, or more than one."""
    places = [place for place, name in enumerate(names) if normalise_column(name) in SYMBOL_NAMES]
    if len(places) != 1:
        missing = "the column is missing; put files of one series each, called SYMBOL.csv, into a folder and pass that"
        raise InvalidInput([Problem(None, SYMBOL, f"the column is there {len(places)} times" if places else missing)])
    return places[0]


def _decode(symbol: bytes) -> str:
    return symbol.decode(errors="replace")


def _refuse_nameless(lines: Lines) -> BadSeries:
    return BadSeries(NO_SYMBOL, f"line {lines.numbers[0]}, {SYMBOL}: no cell ({len(lines.numbers)} such lines)")
