"""Price files, from text to bars or to a refusal: the reader, and `lockstep.data.schema` behind it."""

from pathlib import Path

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.data.bars import Adjusts, Array, Bars
from lockstep.data.calendar import Calendar, calendar_from_sessions
from lockstep.data.price_csv import EXPECTED_DATE, parse_price_csv, write_price_csv
from lockstep.data.price_files.reading import read_price_file
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidInput

PRICES = ("open", "high", "low", "close")
NAMES = ("date", *PRICES, "volume")
HEADER = ",".join(NAMES)
ADJUSTED = HEADER + ",adj_close"
SCHEMA, CLOSE = BarsSchema(None, "prices"), BarsSchema(None, "close")
GOOD = "2013-02-28,10,11,9,10,5"
Found = list[tuple[int | None, str, str]]


def line(**cells: str) -> str:
    return ",".join((dict(zip(NAMES, ["2013-03-01", "10", "11", "9", "10", "5"], strict=True)) | cells).values())


def refuse(
    *lines: str, header: str = HEADER, calendar: Calendar | None = None, adjusts: Adjusts = "prices"
) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse_price_csv("\n".join([header, *lines]), "prices.csv", BarsSchema(calendar, adjusts))
    return caught.value


def found_in(error: InvalidInput) -> Found:
    return [(problem.row, problem.column, problem.reason) for problem in error.problems]


def test_default_prices_are_read_whole(msft: Bars) -> None:
    assert len(msft) == 3270
    assert msft.dates[[0, -1]].astype(str).tolist() == ["2000-03-01", "2013-03-01"]
    assert (msft.low <= np.minimum(msft.open, msft.close)).all()
    assert (np.maximum(msft.open, msft.close) <= msft.high).all()


def test_adjusted_close_scales_prices_and_not_volume() -> None:
    bars = parse_price_csv(f"{ADJUSTED}\n{GOOD},2.5\n{line()},20\n", "prices.csv", SCHEMA)
    assert bars.values.tolist() == [[2.5, 20.0], [2.75, 22.0], [2.25, 18.0], [2.5, 20.0], [5.0, 5.0]]


def test_close_adjusted_alone_leaves_the_other_prices_raw() -> None:
    bars = parse_price_csv(f"{ADJUSTED}\n{GOOD},2.5\n{line()},20\n", "prices.csv", CLOSE)
    assert bars.values.tolist() == [[10.0, 10.0], [11.0, 11.0], [9.0, 9.0], [2.5, 20.0], [5.0, 5.0]]
    again = parse_price_csv(write_price_csv(bars), "bars.csv", CLOSE)
    assert again.values.tobytes() == bars.values.tobytes()
    with pytest.raises(InvalidInput, match=r"low 9.0 ≤ open 10.0, close 2.5 ≤ high 11.0 does not hold"):
        parse_price_csv(write_price_csv(bars), "bars.csv", SCHEMA)


def test_rounding_is_widened_for_the_open_and_not_for_a_close_adjusted_alone() -> None:
    bars = parse_price_csv(f"{HEADER}\n{line(open='11.000001', close='2.5')}\n", "prices.csv", CLOSE)
    assert bars.values.tolist() == [[11.000001], [11.000001], [9.0], [2.5], [5.0]]


@pytest.mark.parametrize("adjusted", ["", ",2.5"])
@pytest.mark.parametrize(
    ("cells", "side"), [({"low": "10.5"}, "low"), ({"high": "9.5"}, "high"), ({"open": "12"}, "high")]
)
def test_open_outside_low_and_high_is_refused_whatever_is_adjusted(
    cells: dict[str, str], side: str, adjusted: str
) -> None:
    header = ADJUSTED if adjusted else HEADER
    ((row, column, reason),) = found_in(refuse(line(**cells) + adjusted, header=header, adjusts="close"))
    assert (row, column, reason.endswith(" does not hold")) == (2, side, True)


def test_raw_close_beside_an_adjusted_one_has_to_be_in_range() -> None:
    ((_, column, reason),) = found_in(refuse(line(close="8") + ",10", header=ADJUSTED, adjusts="close"))
    assert (column, reason) == ("low", "low 9.0 ≤ open 10.0, close 8.0 ≤ high 11.0 does not hold")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_lines_and_columns_gives_the_same_bars(msft: Bars, msft_csv: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = np.array([line.split(",") for line in msft_csv.read_text(encoding="utf-8").splitlines()])
    shuffled = cells[np.append(0, 1 + rng.permutation(len(msft)))][:, rng.permutation(7)]
    bars = parse_price_csv("\n".join(map(",".join, shuffled)), "shuffled.csv", SCHEMA)
    assert (bars.dates == msft.dates).all()
    assert bars.values.tobytes() == msft.values.tobytes()


@pytest.mark.parametrize(
    "spelling", ["DATE,Open,HIGH,low,Close,Volume,Adj Close", " Date ,open, high,low ,close,volume"]
)
def test_columns_may_be_spelt_in_any_case_and_with_spaces(spelling: str) -> None:
    cells = GOOD + ",10" * (spelling.count(",") - 5)
    assert parse_price_csv(f"{spelling}\n{cells}\n", "prices.csv", SCHEMA).values[:, 0].tolist() == [10, 11, 9, 10, 5]


def test_byte_order_mark_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n\r\n{line()}\r\n\r\n{GOOD}\r\n\r\n".encode())
    assert read_price_file(path).cells.read(SCHEMA).dates.astype(str).tolist() == ["2013-02-28", "2013-03-01"]
    assert [problem.row for problem in refuse("", GOOD, "", line(open="x")).problems] == [5]


@pytest.mark.parametrize("text", ["", "\n", HEADER, f"{HEADER}\n\n"])
def test_file_without_bars_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^prices\.csv: no bars; expected a header and a line for each bar$"):
        parse_price_csv(text, "prices.csv", SCHEMA)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("date,open,high,low,close,shares", {"volume": "is missing", "shares": "unknown column"}),
        ("Date,date,open,high,low,close", {"volume": "is missing", "date": "there 2 times"}),
        ("a,b,c,d,e,f", dict.fromkeys(NAMES, "is missing") | dict.fromkeys("abcdef", "unknown column")),
    ],
)
def test_columns_that_do_not_fit_are_refused(header: str, expected: dict[str, str]) -> None:
    found = found_in(refuse(GOOD, header=header))
    assert [(row, column) for row, column, _ in found] == [(None, column) for column in expected]
    assert all(part in reason for (_, _, reason), part in zip(found, expected.values(), strict=True))


NO_NUMBERS = ["1_000", "nan", "NaN", "-nan", "", " ", "ten", "1,5", "0x10"]
NO_DATES = ["2013-3-1", "01.03.2013", "2013-02-30", "2013-03-01T00:00", "20130301", "", " 2013-03-01", "NaT"]
ABOVE_0 = "is not a finite number above 0"
BAD_CELLS = [
    *((name, cell, f"{cell!r} is not a number") for name in NAMES[1:] for cell in NO_NUMBERS),
    *(
        (name, cell, f"{float(cell)} {ABOVE_0}")
        for name in PRICES
        for cell in ("0", "-0.0", "-1", "inf", "-inf", "1e999")
    ),
    *(("volume", cell, f"{float(cell)} is not a finite number, 0 or more") for cell in ("-1", "-1e-300", "inf")),
    *(("date", cell, f"{cell!r} is not {EXPECTED_DATE}") for cell in NO_DATES),
]


@pytest.mark.parametrize(("name", "cell", "reason"), BAD_CELLS)
@pytest.mark.parametrize("adjusted", ["", ",10"])
@pytest.mark.parametrize("adjusts", ["prices", "close"])
def test_bad_cell_is_refused_where_it_is(name: str, cell: str, reason: str, adjusted: str, adjusts: Adjusts) -> None:
    lines, header = (GOOD + adjusted, line(**{name: f'"{cell}"'}) + adjusted), ADJUSTED if adjusted else HEADER
    found = found_in(refuse(*lines, header=header, adjusts=adjusts))
    assert (3, name, reason) in found
    assert {(row, column) for row, column, _ in found} <= {(3, name), (3, "low"), (3, "high")}


@pytest.mark.parametrize("cell", ["0", "-1", "inf", "nan"])
@pytest.mark.parametrize("adjusts", ["prices", "close"])
def test_bad_adjusted_close_is_refused(cell: str, adjusts: Adjusts) -> None:
    reason = "'nan' is not a number" if cell == "nan" else f"{float(cell)} {ABOVE_0}"
    found = found_in(refuse(f"{GOOD},10", f"{line()},{cell}", header=ADJUSTED, adjusts=adjusts))
    assert found == [(3, "adj_close", reason)]


@pytest.mark.parametrize("cells", ["0,0,0,1e-300,5,1e300", "inf,inf,inf,1e300,5,1e-300"])
def test_adjusting_never_makes_a_bar_of_nan(cells: str) -> None:
    assert refuse(f"2013-03-01,{cells}", header=ADJUSTED).total > 0


@pytest.mark.parametrize(
    ("cells", "side"),
    [
        ({"low": "10.5"}, "low"), ({"high": "9.5"}, "high"), ({"open": "12"}, "high"), ({"open": "8"}, "low"),
        ({"close": "12"}, "high"), ({"close": "8"}, "low"), ({"open": "12", "close": "8"}, "low"),
    ],
)  # fmt: skip
def test_price_outside_low_and_high_is_refused_at_the_side_that_it_is_beyond(cells: dict[str, str], side: str) -> None:
    ((row, column, reason),) = found_in(refuse(GOOD, line(**cells)))
    assert (row, column) == (3, side)
    assert reason.endswith(" does not hold")


def test_date_that_is_no_session_is_refused() -> None:
    sessions = np.array(["2013-02-28", "2013-03-01", "2013-03-04"], "datetime64[D]")
    calendar = calendar_from_sessions("TEST", sessions, np.datetime64("2013-03-08"))
    dates = ("2013-03-02", "2013-02-27", "2013-03-11")
    found = found_in(refuse(GOOD, *(line(date=date) for date in dates), calendar=calendar))
    reason = "is not a session of the calendar TEST (2013-02-28 … 2013-03-08)"
    following = ("; the next one is 2013-03-04", "; the next one is 2013-02-28", "")
    said = [f"{date} {reason}{after}" for date, after in zip(dates, following, strict=True)]
    assert found == [(row, "date", each) for row, each in enumerate(said, start=3)]
    assert len(parse_price_csv(f"{HEADER}\n{GOOD}\n{line()}\n", "prices.csv", BarsSchema(calendar, "prices"))) == 2


def test_line_of_another_length_is_refused() -> None:
    found = found_in(refuse(GOOD, line() + ",1", GOOD, "2013-03-04,10"))
    assert found == [(row, "line", f"{n} cells, but the header has 6") for row, n in ((3, 7), (5, 2))]


def test_cell_longer_than_the_csv_module_takes_is_refused() -> None:
    assert refuse(GOOD, line(open="1" * 200_000)).total == 1


def test_every_bad_cell_is_reported_in_the_order_of_the_lines() -> None:
    error = refuse(line(high="x", volume="-1"), GOOD, line(date="soon", close="nan"), line(low="0"), GOOD)
    assert sorted(found_in(error)) == [
        (2, "high", "'x' is not a number"),
        (2, "volume", "-1.0 is not a finite number, 0 or more"),
        (4, "close", "'nan' is not a number"),
        (4, "date", f"'soon' is not {EXPECTED_DATE}"),
        (5, "date", "2013-03-01 is there twice"),
        (5, "low", "0.0 is not a finite number above 0"),
        (6, "date", "2013-02-28 is there twice"),
    ]
    assert [problem.row for problem in error.problems] == [2, 2, 4, 4, 5, 5, 6]
    assert (error.unit, error.total) == ("line", 7)
    assert (str(error)[:8], str(error)[-13:]) == ("line 2, ", " (and 6 more)")


@pytest.mark.parametrize(("n_bad", "n_listed"), [(1, 1), (20, 20), (21, 20), (300, 20)])
def test_at_most_twenty_problems_are_listed_and_all_are_counted(n_bad: int, n_listed: int) -> None:
    days = np.arange("2013-01-01", "2014-01-01", dtype="datetime64[D]").astype(str)
    error = refuse(*(line(date=day, volume="-1" if i < n_bad else "1") for i, day in enumerate(days)))
    assert error.total == n_bad
    assert [problem.row for problem in error.problems] == list(range(2, n_listed + 2))


@settings(derandomize=True, deadline=None)
@given(
    prices=hnp.arrays(float, (4, 6), elements=st.floats(1e-30, 1e30), fill=st.nothing()),
    volume=hnp.arrays(float, 6, elements=st.floats(0.0, 1e30), fill=st.nothing()),
)
def test_written_bars_are_read_back_to_the_bit(prices: Array, volume: Array) -> None:
    low, open_, close, high = np.sort(prices, axis=0)
    bars = Bars(np.datetime64("1969-12-29") + np.arange(6), np.stack([open_, high, low, close, volume]))
    again = parse_price_csv(write_price_csv(bars), "bars.csv", SCHEMA)
    assert (again.dates == bars.dates).all()
    assert again.values.tobytes() == bars.values.tobytes()


def test_a_bar_with_a_time_of_day_is_refused_since_bars_are_daily() -> None:
    error = refuse(GOOD, line(date="2013-03-01 09:30:00"))
    assert str(error).startswith("line 3, date: '2013-03-01 09:30:00' is not a date like 2013-03-01, without a time of")
    assert str(error).endswith("bars are daily")


WITHOUT_VOLUME = BarsSchema(None, "prices", reads_volume=False)


def test_prices_without_volume_are_bars_if_none_is_read() -> None:
    text = "Date,Open,High,Low,Close,Adj Close\n2013-03-01,10,12,9,11,5.5\n"
    bars = parse_price_csv(text, "prices.csv", WITHOUT_VOLUME)
    assert (bars.columns, bars.values.T.tolist()) == (PRICES, [[5.0, 6.0, 4.5, 5.5]])
    assert write_price_csv(bars) == "date,open,high,low,close\n2013-03-01,5.0,6.0,4.5,5.5\n"
    with pytest.raises(ValueError, match="no volume: the feature set declares reads_volume=False"):
        _ = bars.volume
    with pytest.raises(InvalidInput, match="volume: the column is missing"):
        parse_price_csv(text, "prices.csv", SCHEMA)


def test_a_volume_that_is_not_read_is_not_looked_at() -> None:
    text = "\n".join(["Date,Open,High,Low,Close,Volume", "2013-03-01,10,12,9,11,n/a"])
    assert parse_price_csv(text, "prices.csv", WITHOUT_VOLUME).values.shape == (4, 1)


def test_bad_prices_are_refused_without_volume_as_well() -> None:
    text = "\n".join(["Date,Open,High,Low,Close", "2013-03-01,10,12,-9,11", "2013-03-04,10,9,9,11"])
    with pytest.raises(InvalidInput) as refused:
        parse_price_csv(text, "prices.csv", WITHOUT_VOLUME)
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [(2, "low"), (3, "high")]
