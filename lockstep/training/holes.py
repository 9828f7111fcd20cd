"""How many sessions without a bar are taken for closed days if no calendar is named."""

from collections.abc import Iterable

import numpy as np

from lockstep.data.calendar import (
    DEFAULT_EXCHANGE,
    FROM_FILE,
    NOT_A_SESSION,
    Calendar,
    Dates,
    calendar_from_sessions,
    exchange_calendar,
)
from lockstep.errors import TrainingError, UnknownCalendar

MAX_SHARE = 0.01
"""Of the sessions of the exchange; a file that lacks more is of another exchange, or damaged."""
MAX_RUN = 5
"""Sessions in a row. New York was closed for four in 2001, and its own calendar knows them."""
MAX_OWN_RUN = 10
"""The same for the days of the week that a file has. A Lunar New Year closes an exchange for up to eight."""

Span = tuple[np.datetime64, np.datetime64]


def refuse_holes(calendar: Calendar, dates: Dates, name: str, spans: Iterable[Span] | None = None) -> None:
    """Raise `TrainingError` if a calendar that nobody named takes too many days for closed.

    `dates` are those of all bars, oldest first; `name` is what holds them. `spans` are the first and the last date of
    each series; a session that lies in none of them is no hole.
    """
    if calendar.name == DEFAULT_EXCHANGE:
        return
    expected, of_exchange = _expect_sessions(dates)
    missing = np.setdiff1d(np.arange(expected.n_sessions), expected.session_numbers(dates))
    if spans is not None:
        days = expected.session_dates(missing)
        missing = missing[np.any([(first < days) & (days < last) for first, last in spans], axis=0)]
    runs = np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1)
    longest = max(runs, key=len)
    most, share = (MAX_RUN, MAX_SHARE) if of_exchange else (MAX_OWN_RUN, 1.0)
    if longest.size <= most and missing.size <= share * expected.n_sessions:
        return
    [first] = expected.session_dates(longest[:1])
    what = f"sessions of {DEFAULT_EXCHANGE}" if of_exchange else "days of its week"
    limits = f"{f'{MAX_SHARE:.0%} and ' if of_exchange else ''}{most} in a row"
    other = "" if of_exchange else "name the exchange, such as --calendar XLON, "
    raise TrainingError(
        f"{name} has no bar for {missing.size} of {expected.n_sessions} {what}; the longest hole, {longest.size} in a "
        f"row, begins on {first}. No more than {limits} are taken for closed days. Add them, {other}or take the dates "
        f"as they are with --calendar {FROM_FILE}"
    )


def _expect_sessions(dates: Dates) -> tuple[Calendar, bool]:
    """Return the exchange if all dates are its sessions, else every day of the week that the dates have; and which."""
    try:
        exchange = exchange_calendar(DEFAULT_EXCHANGE, dates[0], dates[-1])
    except UnknownCalendar:
        exchange = None
    if exchange is not None and not (exchange.session_numbers(dates) == NOT_A_SESSION).any():
        return exchange, True
    own = calendar_from_sessions(FROM_FILE, dates, dates[-1])
    # without the closed days that were found: each day of the week is expected
    return Calendar(FROM_FILE, own.weekmask, own.first, own.last, dates[:0]), False
