"""Bars in Parquet, as pandas, Spark and Ray write them."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import DATE, Array, Dates
from lockstep.data.cells import CellReader, Cells
from lockstep.data.price_csv import EXPECTED_DATE, TEXT_CELLS
from lockstep.data.price_files.cells import SYMBOL_NAMES, PriceCells
from lockstep.data.price_files.columns import is_unnamed
from lockstep.data.price_files.dates import OF_TIMES
from lockstep.data.price_files.levels import take_one_ticker
from lockstep.data.rewriting import Key, Rewriting
from lockstep.data.schema import KNOWN, normalise_column
from lockstep.data.table_csv import check_header
from lockstep.data.table_parquet import read_arrow_table
from lockstep.errors import InvalidInput, Problem

LEVELS = re.compile(r"\('([^']*)', '([^']*)'\)")
"""The name of a column of two levels, field and ticker."""


def read_parquet(path: Path) -> PriceCells:
    """Return the cells of a Parquet file; raise `InvalidInput` for columns that hold no dates, numbers or symbols.

    A date is a date, a timestamp at midnight, in its own time zone if it has one, or text as in a CSV file.
    """
    table = read_arrow_table(path)
    names, said = _name_columns(path.name, table.column_names)
    check_header(names, path.name)
    columns = [_read_column(name, table.column(place)) for place, name in enumerate(names)]
    zones = [each.type.tz for each in table.columns if getattr(each.type, "tz", None)]
    said += [f"dates have a time of day, midnight in {zones[0]}, which is left out"] if zones else []
    levels = map(LEVELS.fullmatch, table.column_names)
    keys: list[Key] = [(each[1], each[2]) if each else name for each, name in zip(levels, names, strict=True)]
    again = Rewriting(path, keeps_index=any(isinstance(key, tuple) for key in keys))
    return PriceCells(names, columns, keys, again, PARQUET_CELLS, range(table.num_rows), said=tuple(said))


def _name_columns(file: str, names: list[str]) -> tuple[list[str], list[str]]:
    """Return the names of the columns, of two levels the first one, and what there is to say of that."""
    found = [LEVELS.fullmatch(name) for name in names]
    tickers = [each[2] for each in found if each and each[2]]
    if not tickers:
        return names, []
    return [each[1] if each else name for each, name in zip(found, names, strict=True)], [
        take_one_ticker(file, tickers)
    ]


def _read_column(name: str, column: Any) -> NDArray[Any]:
    from pyarrow import types

    held, called = column.type, normalise_column(name)
    is_date = called == DATE or is_unnamed(name)
    if types.is_dictionary(held):
        column, held = column.cast(held.value_type), held.value_type
    is_text = types.is_string(held) or types.is_large_string(held)
    if (is_date or called in SYMBOL_NAMES) and is_text:
        return np.array(column.to_pylist(), dtype=object)
    if is_date and (types.is_date(held) or types.is_timestamp(held)):
        return _read_days(_find_local_times(name, column).to_numpy())
    if not is_date and called not in (*KNOWN, *SYMBOL_NAMES):  # left out, or refused by its name
        return np.asarray(column.to_numpy())
    if called not in (DATE, *SYMBOL_NAMES) and (types.is_integer(held) or types.is_floating(held)):
        return np.asarray(column.to_numpy(), dtype=np.float64)
    expected = {DATE: "dates, or text such as 2013-03-01", **dict.fromkeys(SYMBOL_NAMES, "text")}.get(called, "numbers")
    raise InvalidInput([Problem(None, name, f"holds {held}; expected {expected}")])


def _find_local_times(name: str, column: Any) -> Any:
    """Return the times of a column as the clocks of its time zone show them, as they are if it has none."""
    from pyarrow import ArrowInvalid, compute

    if not getattr(column.type, "tz", None):
        return column
    try:
        return compute.local_timestamp(column)
    except ArrowInvalid as error:
        raise InvalidInput([Problem(None, name, f"holds {column.type}, of an unknown time zone")]) from error


def _read_days(times: NDArray[np.datetime64]) -> Dates:
    days = times.astype("datetime64[D]")
    if (rows := np.flatnonzero(~np.isnat(days) & (days != times))).size:
        raise InvalidInput([Problem(int(rows[0]), DATE, f"{times[rows[0]]} is not {EXPECTED_DATE}; {OF_TIMES}")])
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
