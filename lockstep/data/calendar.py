"""Trading calendars as a week mask and holidays: all that serving needs, in numpy's own terms."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import UnknownCalendar

Dates = NDArray[np.datetime64]
Numbers = NDArray[np.int64]

YEARS_AHEAD = (20, 5, 1, 0)
"""How far after the newest bar a calendar should reach: the first of these that the exchange is known for."""
DEFAULT_EXCHANGE = "XNYS"
FROM_FILE = "file"
NOT_A_SESSION = -1
MIN_COVERAGE = 0.95
"""Share of the sessions of an exchange that bars have to have to be taken for bars of that exchange."""
_MONDAY = np.datetime64("1970-01-05")
NO_DATE = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Calendar:
    """Know which dates from `first` to `last` are sessions: days of `weekmask` that are no holiday.

    `weekmask` is seven 0 or 1 from Monday on; `holidays` datetime64[D]. Sessions are numbered from 0,
    oldest first.
    """

    name: str
    weekmask: str
    first: np.datetime64
    last: np.datetime64
    holidays: Dates
    _sessions: Dates = field(init=False, repr=False, compare=False)
    _number_of_day: Numbers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        days = np.arange(self.first, self.last + 1)
        is_session = np.is_busday(days, weekmask=self.weekmask, holidays=self.holidays)
        numbers = np.where(is_session, np.cumsum(is_session) - 1, NOT_A_SESSION)
        # one place more at either end, where everything beyond it finds that it is no session
        object.__setattr__(self, "_number_of_day", np.pad(numbers, 1, constant_values=NOT_A_SESSION))
        object.__setattr__(self, "_sessions", np.concatenate([[NO_DATE], days[is_session], [NO_DATE]]))

    def session_numbers(self, dates: Dates) -> Numbers:
        """Return the number of each date, int64; `NOT_A_SESSION` for every other day and for NaT."""
        return self._number_of_day.take((dates - self.first).view(np.int64) + 1, mode="clip")

    def session_dates(self, numbers: Numbers) -> Dates:
        """Return the date of each session number, datetime64[D]; NaT before the first and after the last."""
        return self._sessions.take(numbers + 1, mode="clip")

    def dates_from(self, number: int, n_sessions: int) -> Dates:
        """Return the dates of consecutive sessions, the first of them numbered `number`; NaT beyond the calendar."""
        if 0 <= number <= self.n_sessions - n_sessions:
            return self._sessions[number + 1 : number + 1 + n_sessions]
        return self.session_dates(np.arange(number, number + n_sessions))

    def first_session_from(self, day: np.datetime64) -> np.datetime64:
        """Return the first session that is not before `day`; NaT after the last."""
        place = 1 + int(np.searchsorted(self._sessions[1:-1], day))
        return self._sessions[place]

    @property
    def n_sessions(self) -> int:
        """Return how many sessions the calendar has."""
        return self._sessions.size - 2


def calendar_from_sessions(name: str, sessions: Dates, last: np.datetime64) -> Calendar:
    """Return the calendar whose sessions are exactly `sessions` (oldest first) as far as they reach.

    From there to `last` every day of the week mask is a session.
    """
    weekdays = np.unique((sessions - _MONDAY).astype(np.int64) % 7)
    weekmask = "".join("1" if day in weekdays else "0" for day in range(7))
    days = np.arange(sessions[0], sessions[-1] + 1)
    days = days[np.is_busday(days, weekmask=weekmask)]
    return Calendar(name, weekmask, sessions[0], last, np.setdiff1d(days, sessions))


def exchange_calendar(name: str, first: np.datetime64, last: np.datetime64) -> Calendar:
    """Return an exchange's calendar (`XNYS`, `XLON`, …) from `exchange_calendars`, a training-time library."""
    import exchange_calendars  # training only: the web image does not install it

    try:
        exchange = exchange_calendars.get_calendar(name, start=str(first), end=str(last))
    except (exchange_calendars.errors.CalendarError, ValueError) as error:
        raise UnknownCalendar(f"no calendar {name!r} from {first} to {last}: {error}") from error
    return calendar_from_sessions(name, exchange.sessions.to_numpy().astype("datetime64[D]"), last)


def choose_calendar(name: str | None, dates: Dates) -> Calendar:
    """Return the calendar called `name` for bars of these dates (oldest first), some years beyond them.

    `file` takes the dates themselves for the sessions. None takes `XNYS` where the dates are
    its sessions, less the few that have no bar; and `file` elsewhere.
    """
    if name == FROM_FILE:
        return calendar_from_sessions(FROM_FILE, dates, _years_after(dates[-1], YEARS_AHEAD[0]))
    if name is not None:
        return _furthest_calendar(name, dates)
    try:
        calendar = _furthest_calendar(DEFAULT_EXCHANGE, dates)
    except UnknownCalendar:
        return choose_calendar(FROM_FILE, dates)
    numbers = calendar.session_numbers(dates)
    n_sessions = numbers[-1] - numbers[0] + 1
    if (numbers == NOT_A_SESSION).any() or dates.size < MIN_COVERAGE * n_sessions:
        return choose_calendar(FROM_FILE, dates)
    if dates.size == n_sessions:
        return calendar
    later = calendar.session_dates(np.arange(numbers[-1] + 1, calendar.n_sessions))
    name = f"{calendar.name} without {n_sessions - dates.size} session(s)"
    return calendar_from_sessions(name, np.concatenate([dates, later]), calendar.last)


def _furthest_calendar(name: str, dates: Dates) -> Calendar:
    for years in YEARS_AHEAD[:-1]:
        try:
            return exchange_calendar(name, dates[0], _years_after(dates[-1], years))
        except UnknownCalendar:  # some exchanges announce their holidays a year at a time
            continue
    return exchange_calendar(name, dates[0], _years_after(dates[-1], YEARS_AHEAD[-1]))


def _years_after(date: np.datetime64, years: int) -> np.datetime64:
    return date + np.timedelta64(366 * years, "D")


def fits_exactly(calendar: Calendar, dates: Dates) -> bool:
    """Return whether the dates (oldest first) are all the sessions from the first of them to the last."""
    numbers = calendar.session_numbers(dates)
    return bool((numbers != NOT_A_SESSION).all() and numbers[-1] - numbers[0] + 1 == dates.size)
