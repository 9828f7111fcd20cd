"""Bad input for a model of a series."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lockstep.data.bars import Bars
from lockstep.data.calendar import NOT_A_SESSION
from lockstep.parity.asking import Requests
from lockstep.parity.bad_backtests import list_bad_backtests
from lockstep.parity.bad_input import BadBodies, BadInput, choose_case, compare_refusal
from lockstep.parity.bodies import split_frame
from lockstep.parity.doors.bad_input import list_door_cases
from lockstep.parity.draws import Draws
from lockstep.parity.local import PLAIN
from lockstep.parity.series import SeriesSubject
from lockstep.scoring.kinds import INVALID_INPUT, MALFORMED, MISSING_BARS

MOST_ROWS = 12
DAYS_AHEAD = 40
PRICES = ("open", "high", "low", "close")

Row = dict[str, Any]


def list_cases(subject: SeriesSubject, draws: Draws) -> list[BadInput]:
    """Return each kind of bad input to each route, around bars that are drawn."""
    if subject.protocol is not None:
        records = subject.list_records(_draw_bars(subject, draws))
        return list_door_cases(subject, subject.protocol, draws, records, spoil_rows)
    cases: list[BadInput] = []
    for path in subject.paths:
        bodies = BadBodies(subject, draws, path)
        bars = _draw_bars(subject, draws)
        cases += bodies.list_broken({"dataframe_split": split_frame(bars)})
        cases += bodies.list_wrong_names({"dataframe_split": split_frame(bars)})
        if path != PLAIN:
            cases.append(bodies.make("a list", MALFORMED, b"[]"))
            cases += bodies.list_bad_levels({"dataframe_split": split_frame(bars)})
        for what, rows in spoil_rows(subject.list_records(bars), draws):
            cases.append(bodies.make(what, INVALID_INPUT, bodies.write({"dataframe_split": _frame(rows)})))
        cases += _list_stray_bars(subject, bodies)
        cases += bodies.list_refused()
    return [*cases, *list_bad_backtests(subject, draws)]


def _draw_bars(subject: SeriesSubject, draws: Draws) -> Bars:
    bars = subject.forecastable
    size = draws.size(min(MOST_ROWS, len(bars)))
    first = draws.below(len(bars) - size + 1)
    return bars.select(slice(first, first + size))


def spoil_rows(rows: list[Row], draws: Draws) -> Iterator[tuple[str, list[Row]]]:
    """Yield rows that cannot be right, and why; one of them, or one column, is spoilt."""
    place, price = draws.below(len(rows)), draws.choose(PRICES)
    row = rows[place]
    yield "no rows", []
    yield "a date twice", [*rows, row]
    yield "a missing column", [{name: each[name] for name in each if name != price} for each in rows]
    yield "an unknown column", [{**each, f"column {place}": 1.0} for each in rows]
    for what, cells in (
        ("text for a number", {price: str(row[price])}),
        ("a null", {price: None}),
        ("a negative price", {price: -row[price]}),
        ("high below low", {"high": row["low"] * float(draws.uniform(0.1, 0.9, 1)[0])}),
        ("a time of day", {"date": f"{row['date']}T{draws.between(10, 23)}:30:00"}),
        ("no date", {"date": f"2013-{draws.between(13, 99)}-01"}),
    ):
        yield what, [*rows[:place], {**row, **cells}, *rows[place + 1 :]]


def _list_stray_bars(subject: SeriesSubject, bodies: BadBodies) -> Iterator[BadInput]:
    """Yield a bar some sessions after the stored history, and one on a day that is no session."""
    stored, calendar = subject.bundle.bars, subject.bundle.calendar
    newest = int(calendar.session_numbers(stored.dates[-1:])[0])
    bar = stored.select(slice(-1, None))
    if (ahead := min(calendar.n_sessions - 1 - newest, DAYS_AHEAD)) > 1:
        later = calendar.session_dates(np.array([newest + bodies.draws.between(2, ahead)]))
        yield bodies.make("a row behind a gap", MISSING_BARS, _write_bar(bodies, Bars(later, bar.values)))
    days = stored.dates[-1] + np.arange(1, DAYS_AHEAD)
    closed = days[calendar.session_numbers(days) == NOT_A_SESSION]
    if closed.size:
        day = closed[bodies.draws.below(closed.size)]
        stray = Bars(np.array([day]), bar.values)
        yield bodies.make("a day without a session", INVALID_INPUT, _write_bar(bodies, stray))


def _write_bar(bodies: BadBodies, bars: Bars) -> bytes:
    return bodies.write({"dataframe_split": split_frame(bars)})


def _frame(rows: list[Row]) -> Row:
    return {"columns": list(rows[0]) if rows else ["date"], "data": [list(row.values()) for row in rows]}


def count_cases(subject: SeriesSubject) -> int:
    """Return how many kinds of bad input there are for the bundle."""
    return len(list_cases(subject, subject.draws("errors", 0)))


def draw_case(subject: SeriesSubject, draws: Draws) -> BadInput:
    """Return the bad input of the request's number."""
    return choose_case(list_cases(subject, draws), draws)


ERRORS = Requests("errors", draw_case, count_cases, compare_refusal)
