"""The index of a panel as it is read: symbols, dates and counts of all series at once, the rest one line at a time."""

import csv
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from lockstep.bundles.manifest import SHA256, PanelManifest
from lockstep.bundles.panels.evaluated import list_pinned
from lockstep.bundles.panels.index_lines import BARS, EVALUATION, INDEX_FILE, PLACES, SeriesEntry, list_index_columns
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.series_scores import SeriesScores
from lockstep.data.bars import Dates
from lockstep.data.calendar import Numbers
from lockstep.data.near import name_nearest
from lockstep.data.texts import check_symbol
from lockstep.errors import InvalidBundle, UnknownSymbol

MAX_SHOWN = 5


class PanelIndex:
    """The index of a panel: the first date and the counts of each series, (n_series,); the rest when asked for."""

    def __init__(self, text: str, manifest: PanelManifest) -> None:
        self._manifest, self._pinned = manifest, list_pinned(manifest.evaluation)
        expected = list_index_columns(self._pinned, manifest.scores)
        header, *self._lines = text.removesuffix("\n").split("\n")
        if next(csv.reader([header]), []) != expected:
            raise InvalidBundle(f"{INDEX_FILE}: expected the columns {', '.join(expected)}")
        rows = [row[: len(PLACES)] for row in map(_split, self._lines) if len(row) == len(expected)]
        if not len(rows) == len(self._lines) == manifest.series > 0:
            raise InvalidBundle(
                f"{INDEX_FILE} has {len(rows)} rows of {len(expected)} cells in {len(self._lines)} lines; the manifest "
                f"states {manifest.series} series"
            )
        symbols, firsts, bars, test_rows = zip(*rows, strict=True)
        self._places = _number_symbols(symbols)
        self.first: Dates = np.array(list(map(_read_date, firsts)), "datetime64[D]")
        self.bars, self.test_rows = _read_counts(bars), _read_counts(test_rows)
        self._bars_start, self._rows_start = (np.cumsum(each) - each for each in (self.bars, self.test_rows))

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._places

    @cached_property
    def symbols(self) -> list[str]:
        """Return the symbols of all series, in their order."""
        return list(self._places)

    def find(self, symbol: str) -> int:
        """Return the place of a series; raise `UnknownSymbol`."""
        if (place := self._places.get(symbol)) is None:
            listed = f"{self.describe()}{name_nearest(symbol, self.symbols)}"
            raise UnknownSymbol(f"{self._manifest.name} has no series {symbol[:20]!r}; it forecasts {listed}")
        return place

    def describe(self) -> str:
        """Return the first symbols, and how many there are, for people."""
        listed = ", ".join(self.symbols[:MAX_SHOWN])
        more = len(self) - MAX_SHOWN
        return f"{listed} and {more} more" if more > 0 else listed

    def entry(self, symbol: str) -> SeriesEntry:
        """Return what is said of a series; raise `UnknownSymbol`, or `InvalidBundle` if a cell cannot be read."""
        place = self.find(symbol)
        cells = iter(_split(self._lines[place])[len(PLACES) :])
        kept = (BARS, EVALUATION, *(column.name for column in self._pinned))
        # `kept` first: then zip ends without taking the next cell, the first of the scores
        digests = dict(zip(kept, cells, strict=False))
        if not all(map(SHA256.fullmatch, digests.values())):
            raise InvalidBundle(f"{INDEX_FILE}, {symbol}: a cell is no SHA-256")
        naive, up_rate = next(cells), next(cells)
        try:
            scored = SeriesScores(
                self._read_scores(cells),
                naive if self._manifest.classes else float(naive),
                float(up_rate) if up_rate else None,
            )
        except (ValueError, msgspec.ValidationError) as error:
            raise InvalidBundle(f"{INDEX_FILE}, {symbol}: {error}") from error
        places = (_range_of(self.bars, self._bars_start, place), _range_of(self.test_rows, self._rows_start, place))
        return SeriesEntry(symbol, str(self.first[place]), *places, digests, scored)

    def _read_scores(self, cells: Iterator[str]) -> dict[str, AnyScores]:
        return {name: _read_scores_of(type(each), cells) for name, each in self._manifest.scores.items()}


def _range_of(counts: Numbers, starts: Numbers, place: int) -> range:
    return range(int(starts[place]), int(starts[place] + counts[place]))


def _split(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise InvalidBundle(f"{INDEX_FILE}: {error}") from error


def _number_symbols(symbols: Sequence[str]) -> dict[str, int]:
    for symbol in symbols:
        check_symbol(symbol)
    places = {symbol: place for place, symbol in enumerate(symbols)}
    if len(places) != len(symbols):
        twice = next(symbol for place, symbol in enumerate(symbols) if places[symbol] != place)
        raise InvalidBundle(f"{INDEX_FILE}: the series {twice} is there twice")
    return places


def _read_date(cell: str) -> np.datetime64:
    try:
        day = np.datetime64(cell, "D")
    except ValueError as error:
        raise InvalidBundle(f"{INDEX_FILE}: {cell[:20]!r} is no date") from error
    if str(day) != cell:
        raise InvalidBundle(f"{INDEX_FILE}: {cell[:20]!r} is no date")
    return day


def _read_counts(cells: Sequence[str]) -> Numbers:
    if bad := [cell for cell in cells if not (cell.isdecimal() and cell.isascii() and len(cell) < 10)]:
        raise InvalidBundle(f"{INDEX_FILE}: {bad[0][:20]!r} is no number of rows")
    return np.array(list(map(int, cells)), np.int64)


def _read_scores_of(kind: type[AnyScores], cells: Iterator[str]) -> AnyScores:
    members: dict[str, Any] = {}
    for each in msgspec.structs.fields(kind):
        if cell := next(cells):
            members[each.name] = float(cell)
        elif each.required:
            members[each.name] = None
    return msgspec.convert(members, kind)
