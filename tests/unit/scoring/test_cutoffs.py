"""Which cutoffs a backtest names, beside plain lists of dates."""

import datetime

import numpy as np
import pytest

from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import InvalidInput
from lockstep.predict.history import History
from lockstep.scoring.cutoffs import Known, Windows, choose_cutoffs, choose_page

LOOKBACK, FIRST_TESTED = 20, 380


@pytest.fixture
def known(bars: Bars, calendar: Calendar) -> Known:
    return Known(History(bars, calendar), LOOKBACK, bars.dates[FIRST_TESTED].item())


def day(bars: Bars, place: int) -> datetime.date:
    found: datetime.date = bars.dates[place].item()
    return found


def choose(known: Known, **asked: object) -> list[datetime.date]:
    numbers = choose_cutoffs(Windows(**asked), known)  # type: ignore[arg-type]
    dates: list[datetime.date] = known.history.calendar.session_dates(numbers).tolist()
    return dates


def refusal(known: Known, **asked: object) -> str:
    with pytest.raises(InvalidInput) as refused:
        choose(known, **asked)
    return str(refused.value)


def test_by_default_the_cutoffs_run_from_the_first_test_row_to_the_newest_bar(known: Known, bars: Bars) -> None:
    assert choose(known) == bars.dates[FIRST_TESTED:].tolist()


@pytest.mark.parametrize("step", [1, 2, 7, 100])
def test_from_a_first_to_a_last_cutoff_steps_are_counted_from_the_first(known: Known, bars: Bars, step: int) -> None:
    found = choose(known, first=day(bars, 30), last=day(bars, 260), step_size=step)
    assert found == bars.dates.tolist()[30:261:step]


@pytest.mark.parametrize(("n_windows", "step"), [(1, 1), (1, 9), (5, 1), (5, 3), (481, 1), (97, 5)])
def test_a_number_of_cutoffs_is_counted_back_from_the_newest(
    known: Known, bars: Bars, n_windows: int, step: int
) -> None:
    assert choose(known, n_windows=n_windows, step_size=step) == bars.dates.tolist()[::-step][:n_windows][::-1]


def test_a_number_of_cutoffs_may_end_in_an_older_one(known: Known, bars: Bars) -> None:
    assert choose(known, n_windows=3, step_size=2, last=day(bars, 100)) == [day(bars, each) for each in (96, 98, 100)]


def test_the_first_bar_with_its_look_back_is_the_oldest_cutoff(known: Known, bars: Bars) -> None:
    assert choose(known, first=day(bars, LOOKBACK - 1), last=day(bars, LOOKBACK - 1)) == [day(bars, LOOKBACK - 1)]
    reach = f"from {day(bars, LOOKBACK - 1)} to {day(bars, 499)} have the {LOOKBACK} bars that a forecast reads"
    assert refusal(known, first=day(bars, LOOKBACK - 2)).endswith(f"{reach}. A frame may bring more bars")


@pytest.mark.parametrize(("step", "most"), [(1, 481), (2, 241), (480, 2), (481, 1), (2**31 - 1, 1)])
def test_more_cutoffs_than_there_are_is_refused_with_their_number(known: Known, step: int, most: int) -> None:
    assert len(choose(known, n_windows=most, step_size=step)) == most
    for n_windows in (most + 1, 10**9):
        assert f"there are {most}:" in refusal(known, n_windows=n_windows, step_size=step)


def test_what_names_no_cutoff_is_refused_by_name(known: Known, bars: Bars) -> None:
    closed = day(bars, 29) + datetime.timedelta(days=1)
    assert closed.isoweekday() < 6  # one of the market's holidays
    for member in ("first", "last"):
        assert refusal(known, **{member: closed}).startswith(f"{member}: {closed} is not a session")
        assert refusal(known, **{member: datetime.date(1, 1, 1)}).startswith(f"{member}: 0001-01-01 is not a session")
        later = known.history.calendar.session_dates(np.array([known.cutoffs[-1] + 1]))[0]
        assert refusal(known, **{member: later.item()}).startswith(f"{member}: {later} cannot be forecast from")
    last, first = day(bars, 399), day(bars, 400)
    assert refusal(known, first=first, last=last) == f"first: {first} is after `last`, {last}"
    assert "the first test row, which is the default, is after" in refusal(known, last=day(bars, FIRST_TESTED - 1))
    assert refusal(known, first=first, n_windows=1).startswith("n_windows: expected `first` or `n_windows`")


def page(known: Known, max_rows: int, **asked: object) -> tuple[int, int]:
    windows = Windows(n_windows=10, step_size=2, **asked)  # type: ignore[arg-type]
    found = choose_page(windows, known, choose_cutoffs(windows, known), max_rows)
    return found.start, found.stop


def test_a_page_holds_no_more_than_its_rows(known: Known, bars: Bars) -> None:
    assert page(known, 100) == (0, 10)
    assert page(known, 10) == (0, 10)
    assert page(known, 4) == (0, 4)
    assert page(known, 4, next=day(bars, 489)) == (4, 8)
    assert page(known, 4, next=day(bars, 497)) == (8, 10)


@pytest.mark.parametrize("place", [19, 480, 482, 498])
def test_a_page_of_another_request_is_refused(known: Known, bars: Bars, place: int) -> None:
    with pytest.raises(InvalidInput, match=r"next: .* is no cutoff of this request"):
        page(known, 4, next=day(bars, place))
