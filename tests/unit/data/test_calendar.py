from collections.abc import Set

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.data.bars import Bars, Dates
from lockstep.data.calendar import NOT_A_SESSION, Calendar, calendar_from_sessions, choose_calendar, fits_exactly
from lockstep.errors import UnknownCalendar

# exchange_calendars 4.13 reads a pandas attribute that pandas 3.1 is about to change
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")


def days(*iso: str) -> Dates:
    return np.array(iso, "datetime64[D]")


@pytest.fixture(scope="module")
def exchange(msft: Bars) -> Calendar:
    return choose_calendar(None, msft.dates)


def test_default_prices_fit_the_new_york_calendar(exchange: Calendar, msft: Bars) -> None:
    assert exchange.name == "XNYS"
    assert fits_exactly(exchange, msft.dates)
    assert exchange.session_numbers(msft.dates).tolist() == list(range(3270))
    closed = days("2001-09-11", "2001-09-14", "2012-10-29", "2012-10-30", "2013-03-02", "2012-12-25")
    assert exchange.session_numbers(closed).tolist() == [NOT_A_SESSION] * 6
    assert exchange.last > np.datetime64("2033-03-01")


@pytest.mark.parametrize("holiday", ["2001-09-11", "2012-12-25", "2013-02-23"])
def test_bar_on_a_holiday_makes_the_file_its_own_calendar(msft: Bars, holiday: str) -> None:
    dates = np.union1d(msft.dates, days(holiday))
    calendar = choose_calendar(None, dates)
    assert calendar.name == "file"
    assert fits_exactly(calendar, dates)


@pytest.mark.parametrize("missing", ["2000-03-02", "2006-12-06", "2013-02-28"])
def test_missing_session_is_closed_and_later_holidays_are_known(msft: Bars, missing: str) -> None:
    dates = np.setdiff1d(msft.dates, days(missing))
    calendar = choose_calendar(None, dates)
    assert calendar.name == "XNYS without 1 session(s)"
    assert fits_exactly(calendar, dates)
    good_friday = days(missing, "2013-03-29")
    assert calendar.session_numbers(good_friday).tolist() == [NOT_A_SESSION] * 2


def test_dates_with_most_sessions_missing_are_their_own_calendar(msft: Bars) -> None:
    assert choose_calendar(None, msft.dates[::2]).name == "file"


def test_calendar_asked_for_by_name_is_the_one_given(msft: Bars) -> None:
    assert choose_calendar("XNYS", np.delete(msft.dates, 1700)).name == "XNYS"
    assert choose_calendar("file", msft.dates).name == "file"


@pytest.mark.parametrize("name", ["XXXX", "xnys", "XTKS"])
def test_name_or_years_that_no_exchange_knows_are_refused(name: str) -> None:
    oldest, newest = ("1990-01-08", "1996-03-04") if name == "XTKS" else ("2020-01-06", "2024-03-04")
    with pytest.raises(UnknownCalendar, match=f"no calendar '{name}'"):
        choose_calendar(name, days(oldest, newest))


def test_an_exchange_known_for_few_years_reaches_as_far_as_it_is_known() -> None:
    calendar = choose_calendar("XSHG", days("2020-01-06", "2024-03-04"))
    assert calendar.name == "XSHG"
    assert np.datetime64("2024-03-04") <= calendar.last < np.datetime64("2030-01-01")


def test_dates_that_no_exchange_reaches_are_their_own_calendar() -> None:
    assert choose_calendar(None, days("1700-01-06", "1700-03-04")).name == "file"


@pytest.mark.parametrize(
    ("dates", "is_fit"),
    [
        (days("2013-03-01", "2013-03-04"), True),
        (days("2013-03-04"), True),
        (days("2013-02-28", "2013-03-04"), False),
        (days("2013-03-01", "2013-03-02", "2013-03-04"), False),
        (days("2000-02-29", "2000-03-01"), False),
    ],
)
def test_fit_means_all_sessions_and_nothing_else(exchange: Calendar, dates: Dates, is_fit: bool) -> None:
    assert fits_exactly(exchange, dates) is is_fit


@settings(derandomize=True, deadline=None)
@given(offsets=st.sets(st.integers(-500, 500), min_size=1, max_size=80), beyond=st.integers(0, 40))
def test_calendar_from_sessions_has_exactly_these(offsets: Set[int], beyond: int) -> None:
    sessions = np.datetime64("2013-03-01") + np.sort(list(offsets))
    calendar = calendar_from_sessions("TEST", sessions, sessions[-1] + beyond)
    every_day = np.arange(sessions[0] - 9, sessions[-1] + 60)
    weekdays = {day.weekday() for day in sessions.tolist()}
    after = [day for day in (sessions[-1] + 1 + np.arange(beyond)).tolist() if day.weekday() in weekdays]
    assert every_day[calendar.session_numbers(every_day) != NOT_A_SESSION].tolist() == sessions.tolist() + after
    assert calendar.session_numbers(sessions).tolist() == list(range(sessions.size))
    assert calendar.session_dates(np.arange(sessions.size)).tolist() == sessions.tolist()
    assert fits_exactly(calendar, sessions)


def find_next(calendar: Calendar, sessions: Dates) -> Dates:
    return calendar.session_dates(calendar.session_numbers(sessions) + 1)


def test_prices_of_every_day_make_every_day_a_session() -> None:
    dates = np.arange("2020-01-01", "2021-01-01", dtype="datetime64[D]")
    calendar = choose_calendar(None, dates)
    assert (calendar.name, calendar.weekmask, calendar.holidays.size) == ("file", "1111111", 0)
    assert find_next(calendar, dates).tolist() == (dates + 1).tolist()


def test_days_and_numbers_outside_the_calendar_have_no_other() -> None:
    first, last = days("2013-02-28", "2013-03-08")
    calendar = Calendar("TEST", "1111100", first, last, days("2013-03-05"))
    dates = days(
        "NaT", "1700-01-01", "2013-02-27", "2013-02-28", "2013-03-05", "2013-03-08", "2013-03-11", "9999-12-31"
    )
    assert calendar.session_numbers(dates).tolist() == [-1, -1, -1, 0, -1, 5, -1, -1]
    found = calendar.session_dates(np.array([-1, 0, 5, 6, 2**62, -(2**62)]))
    assert found.astype(str).tolist() == ["NaT", "2013-02-28", "2013-03-08", "NaT", "NaT", "NaT"]
    assert find_next(calendar, days("2013-03-07", "2013-03-08")).astype(str).tolist() == ["2013-03-08", "NaT"]


def test_next_session_passes_over_weekends_and_holidays(exchange: Calendar) -> None:
    sessions = days("2013-02-28", "2013-03-01", "2001-09-10", "2012-10-26", "2012-12-24", "2013-03-28")
    following = days("2013-03-01", "2013-03-04", "2001-09-17", "2012-10-31", "2012-12-26", "2013-04-01")
    assert find_next(exchange, sessions).tolist() == following.tolist()


def test_the_first_session_from_a_day_on_is_that_day_or_the_next_one() -> None:
    sessions = np.array(["2013-02-28", "2013-03-01", "2013-03-04"], "datetime64[D]")
    calendar = calendar_from_sessions("TEST", sessions, np.datetime64("2013-03-05"))
    expected = {"2013-01-01": "2013-02-28", "2013-03-01": "2013-03-01", "2013-03-02": "2013-03-04"}
    assert {day: str(calendar.first_session_from(np.datetime64(day))) for day in expected} == expected
    assert np.isnat(calendar.first_session_from(np.datetime64("2013-03-06")))
