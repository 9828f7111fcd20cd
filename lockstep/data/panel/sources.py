"""What a panel is read from: a source for each series, and the reason for each that cannot be one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lockstep.data.bars import Bars, find_duplicate_dates
from lockstep.data.price_csv import TEXT_CELLS
from lockstep.data.schema import BarsSchema, CellReader, Cells, normalise_column
from lockstep.data.texts import STEERING, check_symbol
from lockstep.errors import InvalidBundle, InvalidInput, Problem

SYMBOL = "symbol"
"""The column of a long frame that says of which series a row is."""
SHOWN_CHARACTERS = 80


class SeriesSource(Protocol):
    """The bars of one symbol, not read yet. It can be pickled, and so read in another process."""

    @property
    def symbol(self) -> str:
        """Return the symbol, which `check_symbol` takes."""

    def read(self, schema: BarsSchema) -> Bars:
        """Return the bars, oldest first, one at least; raise `InvalidInput`, and OSError for a file."""

    def digest(self) -> str:
        """Return the SHA-256 of what is read, before it is parsed."""


@dataclass(frozen=True)
class BadSeries:
    """A series that cannot be read: its symbol, or as much of a name as can be shown, and why."""

    symbol: str
    reason: str


@dataclass(frozen=True)
class Panel:
    """Many series, in the order of their symbols. `bad` are those that are known to be bad before they are read."""

    sources: Sequence[SeriesSource]
    bad: Sequence[BadSeries]


def make_panel(sources: Sequence[SeriesSource], bad: Sequence[BadSeries]) -> Panel:
    """Return the panel of sources in any order; one whose symbol is none becomes bad."""
    kept, refused = [], list(bad)
    for source in sources:
        try:
            check_symbol(source.symbol)
        except InvalidBundle as error:
            refused.append(BadSeries(show_name(source.symbol), str(error)))
        else:
            kept.append(source)
    return Panel(sorted(kept, key=lambda each: each.symbol), sorted(refused, key=lambda each: each.symbol))


def read_panel(panel: Panel, schema: BarsSchema) -> Iterator[tuple[str, Bars] | BadSeries]:
    """Yield the symbol and the bars of each series in turn, or why it is bad; those known to be bad come first."""
    yield from panel.bad
    for source in panel.sources:
        bars = read_series(source, schema)
        yield bars if isinstance(bars, BadSeries) else (source.symbol, bars)


def read_series(source: SeriesSource, schema: BarsSchema) -> Bars | BadSeries:
    """Return the bars of a source, or why they cannot be read."""
    try:
        return source.read(schema)
    except InvalidInput as error:
        return BadSeries(source.symbol, str(error))
    except OSError as error:
        return BadSeries(source.symbol, f"cannot be read: {error.strerror or error}")


@dataclass(frozen=True)
class PriceCells:
    """The cells of some bars: the columns as they are called, and how a cell is read.

    `numbers` says what each row is called in messages, as `unit` says.
    """

    names: Sequence[str]
    columns: Sequence[Cells]
    reader: CellReader = TEXT_CELLS
    numbers: Sequence[int] = ()
    unit: str = "row"

    def read(self, symbol: str, schema: BarsSchema) -> Bars:
        """Return the bars, oldest first; raise `InvalidInput`. A column `symbol` has to hold this symbol throughout."""
        try:
            kept = [place for place, name in enumerate(self.names) if not self._is_symbol(place, name, symbol)]
            names, columns = [self.names[place] for place in kept], [self.columns[place] for place in kept]
            return schema.read(names, columns, self.reader).oldest_first()
        except InvalidInput as error:
            raise error.renumbered(self.numbers, self.unit) if self.numbers else error from None

    def _is_symbol(self, place: int, name: str, symbol: str) -> bool:
        if normalise_column(name) != SYMBOL:
            return False
        for row, cell in enumerate(self.columns[place]):
            if cell != symbol:
                reason = f"{show_name(str(cell))!r}, but the file is of {symbol}; pass a file of many series by itself"
                raise InvalidInput([Problem(row, SYMBOL, reason)])
        return True


def join_bars(parts: Sequence[Bars]) -> Bars:
    """Return the bars of all parts of a series, oldest first; raise `InvalidInput` for a date of more than one."""
    dates = np.concatenate([part.dates for part in parts])
    if problems := find_duplicate_dates(dates):
        raise InvalidInput(problems, unit="bar")
    return Bars(dates, np.concatenate([part.values for part in parts], axis=1)).oldest_first()


def show_name(name: str) -> str:
    """Return a name of the input as a message may show it."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", name)[:SHOWN_CHARACTERS]
