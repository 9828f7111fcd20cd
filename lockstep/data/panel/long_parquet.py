"""A long frame in Parquet, which is read whole."""

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Bars
from lockstep.data.panel.long_csv import NO_SYMBOL, find_symbol_column
from lockstep.data.panel.sources import BadSeries, Panel, make_panel
from lockstep.data.price_files.cells import SYMBOL, PriceCells
from lockstep.data.price_files.form import PriceForm
from lockstep.data.price_files.parquet import read_parquet
from lockstep.data.price_files.reading import tidy
from lockstep.data.schema import BarsSchema


@dataclass(frozen=True)
class SeriesRows:
    """The rows of one symbol in a long frame."""

    symbol: str
    cells: PriceCells
    form: PriceForm

    def read(self, schema: BarsSchema) -> Bars:
        """Return the bars, oldest first; raise `InvalidInput`."""
        return tidy(self.cells, self.form).read(schema, self.symbol)

    def find_said(self) -> tuple[str, ...]:
        """Return what there is to say of how they are read."""
        return tidy(self.cells, self.form).said

    def digest(self) -> str:
        """Return the SHA-256 of the columns."""
        digest = hashlib.sha256(repr(list(self.cells.names)).encode())
        for column in self.cells.columns:
            held = np.asarray(column)
            digest.update(held.astype("U").tobytes() if held.dtype == object else held.tobytes())
        return digest.hexdigest()


def find_in_long_parquet(path: Path, form: PriceForm) -> Panel:
    """Return the series of a long frame, which memory holds as a whole; raise `InvalidInput`, and OSError."""
    cells = read_parquet(path)
    place = find_symbol_column(list(cells.names))
    kept = [each for each in range(len(cells.names)) if each != place]
    found = dict(_group_rows(np.asarray(cells.columns[place])))
    nameless = found.pop(NO_SYMBOL, None)
    bad = [] if nameless is None else [BadSeries(NO_SYMBOL, f"row {nameless[0]}, {SYMBOL}: no cell")]
    names, keys = [cells.names[each] for each in kept], [cells.keys[each] for each in kept]
    sources = []
    for symbol, rows in found.items():
        columns = [np.asarray(cells.columns[each])[rows] for each in kept]
        own = replace(cells, names=names, columns=columns, keys=keys, numbers=array("q", rows.tobytes()))
        sources.append(SeriesRows(symbol, own, form))
    return make_panel(sources, bad)


def _group_rows(symbols: NDArray[np.object_]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield each symbol and its rows, in their order; `NO_SYMBOL` for those without."""
    # not as an array of texts, in which each takes as much memory as the longest, and loses zeros at its end
    places: dict[str, int] = {}
    named = (places.setdefault(symbol or NO_SYMBOL, len(places)) for symbol in symbols.tolist())
    numbers = np.fromiter(named, np.intp, symbols.size)
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(1, len(places)))
    yield from zip(places, np.split(order, starts), strict=True)
