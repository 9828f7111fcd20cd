"""DataFrames as people have them, as the rows of a request: bars with their dates, or the rows of a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from lockstep.client.cells import Cell, write_cells, write_date, write_value
from lockstep.client.errors import NotSent, RowError

DATE, CLOSE, SYMBOL = "date", "close", "symbol"
BESIDE_BARS = ("dividends", "stock_splits", "capital_gains")
"""Columns of yfinance that belong to no bar; they are left out."""
UNNAMED = "Unnamed: 0"

NamedColumns = list[tuple[str, Iterable[Any]]]


@dataclass(frozen=True)
class Posted:
    """The rows of a request; `labels` name them in messages: their dates, or their places in the index of a table."""

    columns: list[str]
    data: list[tuple[Cell, ...]]
    labels: tuple[str, ...] = ()

    @property
    def as_split(self) -> dict[str, Any]:
        """Return the frame of a body."""
        return {"columns": self.columns, "data": self.data}

    def find(self, name: str) -> list[Cell]:
        """Return the cells of a column, whatever the case of its name; none if it is not there."""
        place = next((place for place, each in enumerate(self.columns) if _normalise(each) == name), None)
        return [] if place is None else [row[place] for row in self.data]


def read_bars(frame: Any) -> Posted:
    """Return the rows of a frame of bars, in its order; raise `NotSent`.

    The dates are a column `date`, or else the index, unless that only numbers the rows. A date with a time zone is the
    day that its own clock shows. The columns that yfinance adds beside the bars are left out; all others are sent.
    """
    _check_frame(frame)
    _check_levels(frame)
    columns = [each for each in _split(frame) if _normalise(each[0]) not in BESIDE_BARS]
    if DATE not in [_normalise(name) for name, _ in columns]:
        columns.insert(0, (DATE, _read_index(frame.index)))
    return _write(columns, dated=True)


def read_table(frame: Any) -> Posted:
    """Return the rows of a frame for a model of a table, in its order and without its index; raise `NotSent`."""
    _check_frame(frame)
    if odd := [name for name in frame.columns if not isinstance(name, str)]:
        raise NotSent(f"column {odd[0]!r} is not named by a text: name the columns as the model has learned them")
    numbered = isinstance(frame.index, pd.RangeIndex)
    return _write(_split(frame), () if numbered else tuple(map(str, frame.index)))


def _check_frame(frame: Any) -> None:
    if isinstance(frame, pd.Series):
        raise NotSent("expected a DataFrame, got a Series: df.iloc[[-1]] or df.tail(1) is the last row as a frame")
    if not isinstance(frame, pd.DataFrame):
        hint = ": .to_pandas() makes one" if hasattr(frame, "to_pandas") else ""
        raise NotSent(f"expected a pandas DataFrame, got {type(frame).__name__}{hint}")
    if not len(frame):
        raise NotSent("the frame has no rows")


def _check_levels(frame: Any) -> None:
    """Raise `NotSent`, with the line that helps, if the columns or the index have levels, or an index became a column.

    yfinance.download writes the columns of even a single ticker in two levels.
    """
    if frame.columns.nlevels > 1:
        values = [
            {_normalise(name) for name in frame.columns.get_level_values(n)} for n in range(frame.columns.nlevels)
        ]
        place = next((n for n, names in enumerate(values) if CLOSE not in names), 1)
        tickers, level = list(dict.fromkeys(frame.columns.get_level_values(place))), frame.columns.names[place] or place
        one, many = f"df.droplevel({level!r}, axis=1)", f"df.xs({tickers[0]!r}, axis=1, level={level!r})"
        raise NotSent(f"the columns have {len(values)} levels: send {one if len(tickers) == 1 else many}")
    if frame.index.nlevels > 1:
        raise NotSent(f"the index has {frame.index.nlevels} levels: send df.reset_index()")
    if UNNAMED in frame.columns:
        raise NotSent(f"the column {UNNAMED!r} was an index without a name: pd.read_csv(PATH, index_col=0)")


def _split(frame: Any) -> NamedColumns:
    """Return the names and the cells of the columns, by their places: a name may be there twice."""
    return [(str(name), frame.iloc[:, place].tolist()) for place, name in enumerate(frame.columns)]


def _read_index(index: Any) -> Iterable[Any]:
    if pd.api.types.is_numeric_dtype(index.dtype):
        raise NotSent("the frame has no dates: neither a column Date, nor an index of dates")
    if isinstance(index, pd.PeriodIndex):
        raise NotSent("the index holds periods: df.index = df.index.to_timestamp() makes dates of them")
    return list(index)


def _write(columns: NamedColumns, labels: Sequence[str] = (), *, dated: bool = False) -> Posted:
    errors: list[RowError] = []
    written: dict[int, list[Cell]] = {}
    for place, (name, cells) in enumerate(columns):
        is_date = dated and _normalise(name) == DATE
        written[place] = write_cells(name, cells, write_date if is_date else write_value, errors)
        if is_date:
            labels = tuple("" if cell is None else str(cell) for cell in written[place])
    if errors:
        named = label_rows(sorted(errors, key=lambda error: error.row or 0), labels)
        raise NotSent("the frame cannot be sent", errors=named)
    return Posted([name for name, _ in columns], list(zip(*written.values(), strict=True)), tuple(labels))


def label_rows(errors: Sequence[RowError], labels: Sequence[str]) -> list[RowError]:
    """Return the errors with the labels of their rows, if those have any."""
    return [
        replace(each, label=labels[each.row] or None) if each.row is not None and each.row < len(labels) else each
        for each in errors
    ]


def _normalise(name: object) -> str:
    """Return a name as the service compares names."""
    return str(name).strip().lower().replace(" ", "_")
