import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lockstep.errors import InvalidInput, TrainingError, UnknownCalendar
from lockstep.training.prices import describe_calendar, load_prices
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


def test_a_hole_is_taken_for_closed_and_said(write_prices: WritePrices) -> None:
    prices = load_prices(write_prices(lambda lines: lines.pop(10)), None, DAILY)
    assert prices.calendar.name == "XNYS without 1 session(s)"
    assert describe_calendar(prices).endswith("taken for closed since the file has no bar: 2000-03-14")


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
