"""Frames as people have them become the rows that a service reads, without a number changed."""

import datetime
import decimal
import io
import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lockstep.client import Client
from lockstep.client.errors import NotSent
from lockstep.client.frames import read_bars, read_table

DAYS = ["2013-02-28", "2013-03-01", "2013-03-28"]
NEW_YORK = "America/New_York"
"""Its summer time begins on 2013-03-10, between the last two days."""
VALUES: dict[str, list[float]] = {
    "Open": [24.66, 1 / 3, 5e-324], "High": [0.1 + 0.2, 1e30, 1.7976931348623157e308], "Low": [1e-30, 2.5, 123456.789],
    "Close": [24.77, 9007199254740993.0, -0.0], "Volume": [38157500, 2**53, 0],
}  # fmt: skip
COLUMNS = ["Open", "High", "Low", "Close", "Volume"]


def make_frame(index: Any = None) -> pd.DataFrame:
    return pd.DataFrame(VALUES, index=index)


def midnights(zone: str | None, name: str | None = None) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(DAYS, tz=zone, name=name)


def read_as_csv(**options: Any) -> pd.DataFrame:
    """A frame that went to a file and back, as yfinance's `history().to_csv()`."""
    written = make_frame(midnights(NEW_YORK, "Date")).to_csv()
    return pd.read_csv(io.StringIO(written), **options)


FRAMES: dict[str, Callable[[], pd.DataFrame]] = {
    "an index of dates without a name": lambda: make_frame(midnights(None)),
    "an index called Date": lambda: make_frame(midnights(None, "Date")),
    "an index of New York": lambda: make_frame(midnights(NEW_YORK, "Date")),
    "an index of UTC": lambda: make_frame(midnights("UTC")),
    "an index of texts": lambda: make_frame(DAYS),
    "an index of days": lambda: make_frame([datetime.date.fromisoformat(day) for day in DAYS]),
    "a column of texts": lambda: make_frame().assign(Date=DAYS),
    "a column of timestamps": lambda: make_frame().assign(date=pd.to_datetime(DAYS)),
    "a column of New York": lambda: make_frame().assign(DATE=midnights(NEW_YORK)),
    "a file of yfinance": read_as_csv,
    "a file of yfinance with its index": lambda: read_as_csv(index_col=0),
    "what yfinance adds": lambda: make_frame(midnights(None)).assign(Dividends=0.0, **{"Stock Splits": 0.0}),
    "an index of datetimes": lambda: make_frame(pd.Index([*map(datetime.datetime.fromisoformat, DAYS)], dtype=object)),
    "numbers of Arrow's kind": lambda: make_frame(midnights(None)).convert_dtypes(),
}  # fmt: skip


def bits(value: Any) -> bytes:
    return struct.pack("d", float(value))


@pytest.mark.parametrize("described", FRAMES)
def test_every_kind_of_frame_gives_the_same_rows_to_the_bit(described: str) -> None:
    posted = read_bars(FRAMES[described]())
    named = dict(zip([name.lower() for name in posted.columns], zip(*posted.data, strict=True), strict=True))
    assert list(named["date"]) == DAYS
    assert posted.labels == tuple(DAYS)
    assert set(named) == {"date", *(name.lower() for name in COLUMNS)}
    for name in COLUMNS:
        sent = json.loads(json.dumps(named[name.lower()]))
        assert [bits(cell) for cell in sent] == [bits(value) for value in VALUES[name]], name


@pytest.mark.parametrize("dtype", ["float32", "float16", "Float64", "object"])
def test_a_number_of_another_width_is_the_float64_that_it_is(dtype: str) -> None:
    values = pd.Series([0.1, 24.77, 3.0]).astype(dtype)
    [column] = zip(*read_table(pd.DataFrame({"x": values})).data, strict=True)
    assert [bits(cell) for cell in column] == [bits(float(value)) for value in values]


def test_what_is_missing_is_null_whatever_pandas_calls_it() -> None:
    frame = pd.DataFrame({
        "float": [1.5, np.nan], "Float": pd.array([1.5, pd.NA], "Float64"), "int": pd.array([1, pd.NA], "Int64"),
        "text": ["a", None], "category": pd.Categorical(["a", np.nan]), "none": [1.5, None], "bool": [True, None],
        "boolean": pd.array([True, pd.NA], "boolean"), "of numpy": np.array([np.float32(1.5), np.nan], object),
    })  # fmt: skip
    assert read_table(frame).data == [(1.5, 1.5, 1, "a", "a", 1.5, True, True, 1.5), (None,) * 9]


def test_a_missing_price_is_sent_as_missing_for_the_service_to_refuse() -> None:
    frame = make_frame(midnights(None))
    frame.loc[frame.index[1], "Close"] = np.nan
    assert read_bars(frame).data[1][4] is None


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (make_frame(midnights(NEW_YORK).tz_convert("UTC")), "if these are days of New York, .tz_convert("),
        (make_frame(pd.DatetimeIndex(DAYS) + pd.Timedelta(hours=16)), "row 0, date: 2013-02-28 16:00:00 has a time"),
        (make_frame(pd.DatetimeIndex(DAYS) + pd.Timedelta(1)), "has a time of day"),
        (make_frame(pd.PeriodIndex(DAYS, freq="D")), "df.index = df.index.to_timestamp()"),
        (make_frame(), "the frame has no dates: neither a column Date, nor an index of dates"),
        (make_frame([5, 6, 7]), "the frame has no dates"),
        (make_frame(DAYS).reset_index().rename(columns={"index": "Unnamed: 0"}), "pd.read_csv(PATH, index_col=0)"),
        (make_frame(DAYS).iloc[:0], "the frame has no rows"),
        (make_frame(DAYS).iloc[-1], "df.iloc[[-1]] or df.tail(1)"),
        (make_frame(pd.MultiIndex.from_product([["MSFT"], DAYS])), "df.reset_index()"),
        ([[1.0]], "expected a pandas DataFrame, got list"),
        (None, "got NoneType"),
        (make_frame(DAYS).assign(Close=[1.0, np.inf, -np.inf]), "row 1 (2013-03-01), Close: inf is not a finite"),
        (make_frame(DAYS).assign(Volume=[0, 0, 2**53 + 1]), "row 2 (2013-03-28), Volume: 9007199254740993 has"),
        (make_frame(DAYS).assign(Close=[decimal.Decimal("1.5")] * 3), "Decimal('1.5') of type Decimal is no number"),
        (make_frame(DAYS).assign(Close=[[1.0]] * 3), "[1.0] of type list is no number"),
        (make_frame(DAYS).assign(Close=np.array([1.5, 2.5, 3.5], np.longdouble)), "of type longdouble is no number"),
    ],
)  # fmt: skip
def test_a_frame_that_cannot_be_right_is_refused_with_what_helps(frame: Any, says: str) -> None:
    with pytest.raises(NotSent) as refused:
        read_bars(frame)
    assert says in str(refused.value)


def test_a_backtest_from_a_time_of_day_is_refused_as_a_frame_of_them_is() -> None:
    with pytest.raises(NotSent, match="last: 2013-02-28 16:00:00 has a time of day, and bars are daily"):
        Client("http://127.0.0.1:1").backtest(first=DAYS[0], last=pd.Timestamp("2013-02-28 16:00"))


def test_the_remedy_for_days_of_another_zone_is_right() -> None:
    frame = make_frame(pd.DatetimeIndex(DAYS, tz=NEW_YORK).tz_convert("UTC"))
    assert list(read_bars(frame.tz_convert(NEW_YORK)).labels) == DAYS


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("names", [("Price", "Ticker"), (None, None)])
@pytest.mark.parametrize("tickers", [["MSFT"], ["AAPL", "MSFT"]])
def test_columns_in_two_levels_are_refused_with_a_line_that_works(
    tickers: list[str], names: tuple[str | None, str | None], flipped: bool
) -> None:
    frame = make_frame(midnights(None, "Date"))
    levels = [(name, ticker) for ticker in tickers for name in COLUMNS]
    both = pd.concat([frame] * len(tickers), axis=1).set_axis(pd.MultiIndex.from_tuples(levels, names=names), axis=1)
    given = both.swaplevel(axis=1) if flipped else both
    with pytest.raises(NotSent) as refused:
        read_bars(given)
    [line] = [part for part in str(refused.value).split("send ") if part.startswith("df.")]
    assert read_bars(eval(line, {"df": given})) == read_bars(frame)  # noqa: S307 -- the line that the message shows


def test_errors_name_rows_by_place_and_date_and_all_of_them_are_there() -> None:
    frame = pd.DataFrame({"Date": pd.bdate_range("2013-01-01", periods=30), "Close": np.inf})
    with pytest.raises(NotSent) as refused:
        read_bars(frame)
    first, *lines = str(refused.value).splitlines()
    assert (first, len(refused.value.errors), len(lines)) == ("the frame cannot be sent", 30, 21)
    assert lines[-1] == "  and 10 more"
    last = refused.value.errors[-1]
    assert (last.row, last.column, last.label, last.reason) == (29, "Close", "2013-02-11", "inf is not a finite number")


def test_columns_of_a_table_need_names() -> None:
    with pytest.raises(NotSent, match="column 0 is not named by a text"):
        read_table(pd.DataFrame([[1.0, 2.0]]))


def test_the_rows_of_a_table_are_named_by_their_index_unless_it_counts_them() -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    assert read_table(frame).labels == ()
    assert read_table(frame.set_axis(["a", "b"])).labels == ("a", "b")


def test_a_column_that_is_there_twice_is_sent_for_the_service_to_refuse() -> None:
    frame = make_frame(DAYS)
    twice = pd.concat([frame, frame[["Close"]]], axis=1)
    assert read_bars(twice).columns == ["date", *COLUMNS, "Close"]
