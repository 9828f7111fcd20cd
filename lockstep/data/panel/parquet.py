"""Bars in Parquet: of one series, or a long frame, which is read whole."""

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import DATE, Array, Bars, Dates
from lockstep.data.panel.long_csv import NO_SYMBOL, find_symbol_column
from lockstep.data.panel.sources import SYMBOL, BadSeries, Panel, PriceCells, make_panel
from lockstep.data.price_csv import EXPECTED_DATE, TEXT_CELLS
from lockstep.data.schema import BarsSchema, CellReader, Cells, normalise_column
from lockstep.data.table_csv import check_header
from lockstep.data.table_parquet import read_arrow_table
from lockstep.errors import InvalidInput, Problem


@dataclass(frozen=True)
class SeriesRows:
    """The rows of one symbol in a long frame."""

    symbol: str
    cells: PriceCells

    def read(self, schema: BarsSchema) -> Bars:
        """Return the bars, oldest first; raise `InvalidInput`."""
        return self.cells.read(self.symbol, schema)

    def digest(self) -> str:
        """Return the SHA-256 of the columns."""
        digest = hashlib.sha256(repr(list(self.cells.names)).encode())
        for column in self.cells.columns:
            held = np.asarray(column)
            digest.update(held.astype("U").tobytes() if held.dtype == object else held.tobytes())
        return digest.hexdigest()


def read_price_cells(path: Path) -> PriceCells:
    """Return the cells of a Parquet file; raise `InvalidInput` for columns that hold no dates, numbers or symbols.

    A date is a date, a timestamp at midnight without a time zone, or text; text as in a CSV file.
    """
    table = read_arrow_table(path)
    check_header(table.column_names, path.name)
    columns = [_read_column(name, table.column(name)) for name in table.column_names]
    return PriceCells(table.column_names, columns, PARQUET_CELLS, range(table.num_rows))


def find_in_long_parquet(path: Path) -> Panel:
    """Return the series of a long frame, which memory holds as a whole; raise `InvalidInput`, and OSError."""
    cells = read_price_cells(path)
    place = find_symbol_column(list(cells.names))
    kept = [each for each in range(len(cells.names)) if each != place]
    found = dict(_group_rows(np.asarray(cells.columns[place])))
    nameless = found.pop(NO_SYMBOL, None)
    bad = [] if nameless is None else [BadSeries(NO_SYMBOL, f"row {nameless[0]}, {SYMBOL}: no cell")]
    names = [cells.names[each] for each in kept]
    sources = []
    for symbol, rows in found.items():
        columns = [np.asarray(cells.columns[each])[rows] for each in kept]
        sources.append(SeriesRows(symbol, PriceCells(names, columns, PARQUET_CELLS, array("q", rows.tobytes()))))
    return make_panel(sources, bad)


def _group_rows(symbols: NDArray[np.object_]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield each symbol and its rows, in their order; `NO_SYMBOL` for those without."""
    named = np.array([NO_SYMBOL if symbol is None or symbol == "" else symbol for symbol in symbols.tolist()])
    order = np.argsort(named, kind="stable")
    ordered = named[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    for start, rows in zip(starts, np.split(order, starts[1:]), strict=True):
        yield str(ordered[start]), rows


def _read_column(name: str, column: Any) -> NDArray[Any]:
    from pyarrow import types

    held = column.type
    if types.is_dictionary(held):
        column, held = column.cast(held.value_type), held.value_type
    is_text = types.is_string(held) or types.is_large_string(held)
    if normalise_column(name) in (DATE, SYMBOL) and is_text:
        return np.array(column.to_pylist(), dtype=object)
    if normalise_column(name) == DATE and types.is_temporal(held) and getattr(held, "tz", None) is None:
        return _read_days(column.to_numpy())
    if normalise_column(name) not in (DATE, SYMBOL) and (types.is_integer(held) or types.is_floating(held)):
        return np.asarray(column.to_numpy(), dtype=np.float64)
    expected = {DATE: "dates, or text such as 2013-03-01", SYMBOL: "text"}.get(normalise_column(name), "numbers")
    raise InvalidInput([Problem(None, name, f"holds {held}; expected {expected}")])


def _read_days(times: NDArray[np.datetime64]) -> Dates:
    days = times.astype("datetime64[D]")
    if (rows := np.flatnonzero(~np.isnat(days) & (days != times))).size:
        raise InvalidInput([Problem(int(rows[0]), DATE, f"{times[rows[0]]} is not {EXPECTED_DATE}")])
    return days


def _read_dates(cells: Cells) -> Dates:
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
        dates = np.asarray(cells, "datetime64[D]")
        if np.isnat(dates).any():
            raise ValueError
        return dates
    return TEXT_CELLS.read_dates(cells)


def _read_numbers(cells: Cells) -> Array:
    numbers = np.array(cells, dtype=np.float64)
    if np.isnan(numbers).any():
        raise ValueError
    return numbers


PARQUET_CELLS = CellReader(_read_dates, _read_numbers, EXPECTED_DATE)
