"""From named columns of cells to `Bars`, or to a refusal that lists every bad cell.

Both readers end here: `lockstep.data.price_csv` with cells of text, `lockstep.doors.frame` with JSON values.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lockstep.data.bars import (
    DATE,
    PRICE_COLUMNS,
    VALUE_COLUMNS,
    VOLUME,
    Adjusts,
    Array,
    Bars,
    Dates,
    find_duplicate_dates,
    find_limit_problems,
    find_value_problems,
    in_range,
    widen_ranges,
    within_limits,
)
from lockstep.data.calendar import NOT_A_SESSION, Calendar, Numbers
from lockstep.data.cells import MAX_SHOWN_CHARACTERS, UNREADABLE, CellReader, Cells, read_column, read_number_column
from lockstep.data.near import find_missing
from lockstep.errors import InvalidInput, Problem

ADJUSTED_CLOSE = "adj_close"
REQUIRED = (DATE, *VALUE_COLUMNS)
KNOWN = (*REQUIRED, ADJUSTED_CLOSE)


def normalise_column(name: str) -> str:
    """Return the contract's spelling of a column name: `Adj Close` becomes `adj_close`."""
    return name.strip().lower().replace(" ", "_")


@dataclass(frozen=True)
class NumberedBars:
    """Bars in the reader's order, and the session number of each, (n,) int64."""

    bars: Bars
    sessions: Numbers

    def __len__(self) -> int:
        return len(self.bars)


@dataclass(frozen=True)
class BarsSchema:
    """What a model of bars reads: the sessions of a calendar, and prices that are adjusted as `adjusts` says.

    Without a calendar any date is a session. If a table has an adjusted close, it becomes the close. With `prices`,
    open, high and low are scaled by adjusted / raw close. With `close` they stay raw, and low … high has to hold the
    raw close, not the adjusted one. Without `reads_volume` a table may leave the volume out, and if it is there, its
    cells are not read.
    """

    calendar: Calendar | None
    adjusts: Adjusts
    reads_volume: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the values that a bar needs beside its date."""
        return VALUE_COLUMNS if self.reads_volume else PRICE_COLUMNS

    def read(self, names: Sequence[str], columns: Sequence[Cells], reader: CellReader) -> Bars:
        """Return the bars of a table, in its order, or raise `InvalidInput` with every bad cell.

        `names` are as written; `columns` the cells of each, all of one length, at least one.
        """
        return self.read_numbered(names, columns, reader).bars

    def read_numbered(self, names: Sequence[str], columns: Sequence[Cells], reader: CellReader) -> NumberedBars:
        """Return what `read` returns and the session number of each bar; 0 without a calendar."""
        named = dict(zip(self._check_names(names), columns, strict=True))
        if not self.reads_volume:
            named.pop(VOLUME, None)
        not_a_date = np.datetime64("NaT", "D")
        cells = named.pop(DATE)
        dates, problems = read_column(DATE, cells, reader.read_dates, reader.expected_date, unread=not_a_date)
        numbers, found = self._read_numbers(named, reader)
        sessions, stray = self._number_sessions(dates)
        problems += found + find_duplicate_dates(dates) + stray
        return NumberedBars(Bars(dates, self._read_values(numbers, problems)), sessions)

    def name_cells(self, columns: Sequence[Cells]) -> tuple[str, ...]:
        """Return the names of columns that have none; raise `InvalidInput` if they are not those of the Schema."""
        names = (DATE, *self.columns)
        if len(columns) != len(names):
            reason = f"{len(columns)} cells in a row; expected {len(names)}, in this order: {', '.join(names)}"
            raise InvalidInput([Problem(None, "columns", reason)])
        return names

    def _read_numbers(self, named: Mapping[str, Cells], reader: CellReader) -> tuple[Array, list[Problem]]:
        """Return the adjusted close, if there is one, and the values, (k, n), and a problem for each bad cell."""
        order = [name for name in (ADJUSTED_CLOSE, *self.columns) if name in named]
        try:  # all columns at once
            return reader.read_matrix([named[name] for name in order]), []
        except UNREADABLE:
            read = {name: read_number_column(name, cells, reader) for name, cells in named.items()}
        return np.stack([read[name][0] for name in order]), [problem for _, found in read.values() for problem in found]

    def _number_sessions(self, dates: Dates) -> tuple[Numbers, list[Problem]]:
        """Return the session number of each date, and a problem for each that is no session."""
        calendar = self.calendar
        if calendar is None:
            return np.zeros(dates.size, np.int64), []
        numbers = calendar.session_numbers(dates)
        if numbers.min() != NOT_A_SESSION:
            return numbers, []
        reason = f"is not a session of the calendar {calendar.name} ({calendar.first} … {calendar.last})"
        rows = np.flatnonzero((numbers == NOT_A_SESSION) & ~np.isnat(dates))
        return numbers, [
            Problem(int(row), DATE, f"{dates[row]} {reason}{_name_next(calendar, dates[row])}") for row in rows
        ]

    def _read_values(self, numbers: Array, problems: list[Problem]) -> Array:
        """Return the values (5, n), adjusted; raise `InvalidInput` for `problems` and for those of the numbers.

        `numbers` are the adjusted close, if there is one, and the values; they are changed in place.
        """
        n_columns, values = len(self.columns), numbers[-len(self.columns) :]
        adjusted = numbers[:-n_columns]
        ranges: Adjusts = "prices" if len(adjusted) else self.adjusts
        n_prices = len(adjusted) + len(PRICE_COLUMNS)
        if problems or not (within_limits(numbers, n_prices) and in_range(values, ranges)):
            problems += find_value_problems(values, ranges)
            _refuse(problems + [each for close in adjusted for each in find_limit_problems(ADJUSTED_CLOSE, close)])
        if len(adjusted):
            _adjust_prices(values, adjusted[0], self.adjusts)
        widen_ranges(values, self.adjusts)
        return values

    def _check_names(self, written: Sequence[str]) -> list[str]:
        names, required = [normalise_column(name) for name in written], (DATE, *self.columns)
        found = set(names)
        if len(found) == len(names) and found.issuperset(required) and found.issubset(KNOWN):
            return names
        unknown = [name for name in written if normalise_column(name) not in KNOWN]
        problems = find_missing([name for name in required if name not in names], unknown)
        problems += find_column_problems(written)
        if problems:
            raise InvalidInput(problems)
        return names


def _name_next(calendar: Calendar, day: np.datetime64) -> str:
    """Return the first session after a day that is none, behind a semicolon; empty if no session follows."""
    following = calendar.first_session_from(day)
    return "" if np.isnat(following) else f"; the next one is {following}"


def find_column_problems(names: Sequence[str]) -> list[Problem]:
    """Return a problem for each name that no table of bars has, as written, and for each that is there twice."""
    problems, written = [], {normalise_column(name): name for name in reversed(names)}
    for name, count in Counter(map(normalise_column, names)).items():
        if name not in KNOWN:
            shown = written[name][:MAX_SHOWN_CHARACTERS]
            problems.append(Problem(None, shown, f"unknown column; expected {', '.join(KNOWN)}"))
        if count > 1:
            problems.append(Problem(None, name[:MAX_SHOWN_CHARACTERS], f"the column is there {count} times"))
    return problems


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(sorted(problems, key=lambda problem: problem.row or 0))


def _adjust_prices(values: Array, adjusted: Array, adjusts: Adjusts) -> None:
    """Adjust prices in place; raise `InvalidInput` if one is then beyond its limits.

    What the raw close was in the range of, the adjusted one is: a factor leaves the order of prices as it is.
    """
    if adjusts == "prices":
        values[:3] *= adjusted / values[3]
    values[3] = adjusted
    if not within_limits(values, len(PRICE_COLUMNS)):
        _refuse(find_value_problems(values, adjusts))
