"""What a panel is read from: a source for each series, and the reason for each that cannot be one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lockstep.data.bars import Bars, find_duplicate_dates
from lockstep.data.price_files.cells import show_name
from lockstep.data.schema import BarsSchema
from lockstep.data.texts import check_symbol
from lockstep.errors import InvalidBundle, InvalidInput


class SeriesSource(Protocol):
    """The bars of one symbol, not read yet. It can be pickled, and so read in another process."""

    @property
    def symbol(self) -> str:
        """Return the symbol, which `check_symbol` takes."""

    def read(self, schema: BarsSchema) -> Bars:
        """Return the bars, oldest first, one at least; raise `InvalidInput`, and OSError for a file."""

    def find_said(self) -> tuple[str, ...]:
        """Return what there is to say of how it is read; raise what `read` raises."""

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


def describe_reading(panel: Panel) -> str:
    """Return how the first series is read, if not as the Yahoo format; empty if it is, or cannot be read.

    Each series is read by what its own cells show.
    """
    if not panel.sources:
        return ""
    first = panel.sources[0]
    try:
        said = first.find_said()
    except (InvalidInput, OSError):
        return ""
    return f"{first.symbol}, the first series: {'; '.join(said)}" if said else ""


def join_bars(parts: Sequence[Bars]) -> Bars:
    """Return the bars of all parts of a series, oldest first; raise `InvalidInput` for a date of more than one."""
    dates = np.concatenate([part.dates for part in parts])
    if problems := find_duplicate_dates(dates):
        raise InvalidInput(problems, unit="bar")
    return Bars(dates, np.concatenate([part.values for part in parts], axis=1)).oldest_first()
