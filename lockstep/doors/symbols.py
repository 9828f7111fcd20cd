"""A frame of many series: its column of symbols, and the rows of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.data.cells import Cells, NoCell, show_cell
from lockstep.data.price_files.cells import SYMBOL
from lockstep.data.schema import find_column_problems, normalise_column
from lockstep.doors.frame import Frame
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.many_series import PostedSeries
from lockstep.scoring.score import Schema


@dataclass(frozen=True)
class SeriesRows:
    """The rows of one series: the names of the columns but that of the symbols, and their cells."""

    names: list[str]
    columns: list[Cells]
    n_rows: int

    def __len__(self) -> int:
        return self.n_rows

    def read_columns(self, _: Schema) -> tuple[Sequence[str], Sequence[Cells]]:
        """Return the names and the cells of the columns."""
        return self.names, self.columns


def has_symbols(frame: Frame) -> bool:
    """Return whether a column of the frame is called `symbol`."""
    return any(normalise_column(name) == SYMBOL for name in frame.columns)


def split_series(frame: Frame) -> list[PostedSeries]:
    """Return the rows of each series, in the order in which the series are first named.

    Names of columns are read once, for all series. Raises `InvalidInput` if the frame is no table of bars, or if a cell
    of the column `symbol` is no text.
    """
    written, columns = frame.read_bars()
    names = list(map(normalise_column, written))
    if (count := names.count(SYMBOL)) > 1:
        raise InvalidInput([Problem(None, SYMBOL, f"the column is there {count} times")])
    place = names.index(SYMBOL)
    symbols = columns.pop(place)
    del names[place]
    if problems := find_column_problems(names):
        raise InvalidInput(problems)
    rows_of: dict[str, list[int]] = {}
    for row, symbol in enumerate(_require_texts(symbols)):
        rows_of.setdefault(symbol, []).append(row)
    return [
        PostedSeries(symbol, rows, SeriesRows(names, [[cells[row] for row in rows] for cells in columns], len(rows)))
        for symbol, rows in rows_of.items()
    ]


def _require_texts(symbols: Cells) -> Cells:
    problems = [
        Problem(row, SYMBOL, f"{show_cell(symbol)} is not a text")
        for row, symbol in enumerate(symbols)
        if not isinstance(symbol, str) or isinstance(symbol, NoCell)
    ]
    if problems:
        raise InvalidInput(problems)
    return symbols
