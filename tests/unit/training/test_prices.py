import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lockstep.data.bars import Dates
from lockstep.errors import InvalidInput, TrainingError, UnknownCalendar
from lockstep.training.prices import choose_checked, describe_calendar, load_prices
from preprocessing.daily import DAILY

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars

WritePrices = Callable[..., Path]


@pytest.fixture
def write_prices(tmp_path: Path, price_file: Path) -> WritePrices:
    """The first 30 bars of MSFT, 2000-03-01 to 2000-04-11, after an edit of their lines."""

    def write(edit: Callable[[list[str]], object] = len) -> Path:
        lines = price_file.read_text().splitlines()[:31]
        edit(lines)
        path = tmp_path / "prices.csv"
        path.write_text("\n".join(lines))
        return path

    return write


@pytest.mark.parametrize("name", [None, "XNYS"])
def test_exchange_sessions_get_the_exchange_calendar(write_prices: WritePrices, name: str | None) -> None:
    prices = load_prices(path := write_prices(), name, DAILY)
    assert (prices.calendar.name, len(prices.bars)) == ("XNYS", 30)
    assert (prices.source.file, prices.source.sha256) == (
        "prices.csv",
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def test_missing_sessions_are_named(write_prices: WritePrices) -> None:
    path = write_prices(lambda lines: [lines.pop(10), lines.pop(3)])
    with pytest.raises(TrainingError, match=r"no bar for 2 session\(s\) of XNYS: 2000-03-03, 2000-03-14; .*file"):
        load_prices(path, "XNYS", DAILY)


def move_to_saturday(lines: list[str]) -> None:
    lines[3] = lines[3].replace("2000-03-03", "2000-03-04")


def test_date_that_is_no_session_is_named_by_its_line(write_prices: WritePrices) -> None:
    with pytest.raises(InvalidInput, match="line 4, date: 2000-03-04 is not a session of the calendar XNYS"):
        load_prices(write_prices(move_to_saturday), "XNYS", DAILY)


def test_dates_that_fit_no_exchange_are_their_own_calendar(write_prices: WritePrices) -> None:
    prices = load_prices(write_prices(move_to_saturday), None, DAILY)
    assert prices.calendar.name == "file"
    numbers = prices.calendar.session_numbers(prices.bars.dates)
    assert numbers.tolist() == np.arange(len(prices.bars)).tolist()


@pytest.fixture
def write_years(tmp_path: Path, price_file: Path) -> WritePrices:
    """The 500 bars of MSFT from 2004-01-02 on, less those at some places."""

    def write(missing: Iterable[int]) -> Path:
        header, *lines = price_file.read_text().splitlines()
        start = next(place for place, line in enumerate(lines) if line >= "2004-01-02")
        path = tmp_path / "prices.csv"
        path.write_text("\n".join([header, *np.delete(lines[start : start + 500], list(missing))]))
        return path

    return write


@pytest.mark.parametrize("missing", [range(99, 104), range(50, 300, 60)], ids=["five in a row", "a hundredth"])
def test_few_holes_are_taken_for_closed_and_said(write_years: WritePrices, missing: range) -> None:
    prices = load_prices(write_years(missing), None, DAILY)
    assert prices.calendar.name == "XNYS without 5 session(s)"
    said = describe_calendar(prices)
    assert "taken for closed since the file has no bar: 2004-0" in said
    assert said.endswith("; --calendar XNYS refuses them")


HINT = "Add them, or take the dates as they are with --calendar file"


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (range(99, 105), "6 of 500 sessions of XNYS; the longest hole, 6 in a row, begins on 2004-05-25"),
        (range(99, 149), "50 of 500 sessions of XNYS; the longest hole, 50 in a row, begins on 2004-05-25"),
        (range(50, 350, 50), "6 of 500 sessions of XNYS; the longest hole, 1 in a row, begins on 2004-03-16"),
        (set(range(499)) - set(range(0, 499, 5)), "399 of 500 sessions of XNYS; the longest hole, 4 in a row"),
    ],
    ids=["six in a row", "fifty in a row", "more than a hundredth", "weekly bars"],
)
def test_more_holes_are_refused_with_what_to_pass(write_years: WritePrices, missing: Any, said: str) -> None:
    path = write_years(missing)
    with pytest.raises(TrainingError) as refused:
        load_prices(path, None, DAILY)
    assert str(refused.value).startswith(f"prices.csv has no bar for {said}")
    assert str(refused.value).endswith(f"No more than 1% and 5 in a row are taken for closed days. {HINT}")
    assert load_prices(path, "file", DAILY).calendar.name == "file"


def list_days(n_days: int, missing: range) -> Dates:
    return np.delete(np.datetime64("2020-01-01") + np.arange(n_days), missing)


def test_dates_of_no_exchange_may_have_a_holiday_and_no_month_without_a_bar() -> None:
    assert choose_checked(None, list_days(400, range(50, 60)), "coin.csv").name == "file"
    dates = list_days(400, range(50, 61))
    with pytest.raises(TrainingError, match="no bar for 11 of 400 days of its week; the longest hole, 11 in "):
        choose_checked(None, dates, "coin.csv")
    assert choose_checked("file", dates, "coin.csv").name == "file"


@pytest.mark.parametrize("name", ["XXXX", "XSAU"], ids=["no such exchange", "not recorded that far back"])
def test_unknown_calendar_is_refused(write_prices: WritePrices, name: str) -> None:
    with pytest.raises(UnknownCalendar, match=name):
        load_prices(write_prices(), name, DAILY)


def test_a_file_without_volume_is_read_for_a_feature_set_that_reads_none(write_prices: WritePrices) -> None:
    def drop_volume(lines: list[str]) -> None:
        places = [place for place, name in enumerate(lines[0].split(",")) if name != "Volume"]
        lines[:] = [",".join(line.split(",")[place] for place in places) for line in lines]

    prices = load_prices(write_prices(drop_volume), None, replace(DAILY, reads_volume=False))
    assert prices.bars.columns == ("open", "high", "low", "close")
    with pytest.raises(InvalidInput, match="volume: the column is missing; features without it: --features prices"):
        load_prices(write_prices(drop_volume), None, DAILY)
