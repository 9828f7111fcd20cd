"""Price files as yfinance and pandas write them: the same bars from each, and a word on how each was read."""

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from lockstep.data.bars import Bars
from lockstep.data.price_csv import write_price_csv
from lockstep.data.price_files.form import UNTOLD, PriceForm
from lockstep.data.price_files.reading import parse_prices, read_price_file
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidInput

SCHEMA = BarsSchema(None, "prices")
NAMES = ["Open", "High", "Low", "Close", "Volume"]
ZONE = "America/New_York"
FILE = Path("p.csv")


@pytest.fixture
def bars(msft: Bars) -> Bars:
    """The newest 40 bars of MSFT, with prices in the thousands."""
    newest = msft.select(slice(-40, None))
    return Bars(newest.dates, np.concatenate([newest.values[:4] * 100.0, newest.values[4:]]))


@pytest.fixture
def history(bars: Bars) -> pd.DataFrame:
    """A frame as `Ticker.history()` of yfinance returns it: days of the exchange's time zone, and actions."""
    index = pd.DatetimeIndex(bars.dates).tz_localize(ZONE).rename("Date")
    frame = pd.DataFrame(dict(zip(NAMES, bars.values, strict=True)), index)
    return frame.assign(**{"Dividends": 0.0, "Stock Splits": 0.0, "Capital Gains": 0.0})


@pytest.fixture
def plain(history: pd.DataFrame) -> pd.DataFrame:
    """The same without time zone and actions."""
    return history[NAMES].tz_localize(None)


def read(path: Path, form: PriceForm = UNTOLD) -> tuple[Bars, tuple[str, ...]]:
    cells = read_price_file(path, form).cells
    return cells.read(SCHEMA), cells.said


def refuse(path: Path, form: PriceForm = UNTOLD) -> str:
    with pytest.raises(InvalidInput) as refused:
        read(path, form)
    return str(refused.value)


def download(plain: pd.DataFrame, *tickers: str) -> pd.DataFrame:
    """Return a frame as `yfinance.download` returns it: columns of two levels."""
    joined = pd.concat(dict.fromkeys(tickers, plain), axis=1, names=["Ticker", "Price"])
    return joined.swaplevel(axis=1).sort_index(axis=1)


def write_german(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, sep=";", decimal=",", date_format="%d.%m.%Y")


def write_thousands(frame: pd.DataFrame, path: Path) -> None:
    frame.map(lambda cell: f"{cell:,}").to_csv(path)


Write = Callable[[pd.DataFrame, Path], None]
TWO_LEVELS = "the columns have two levels, price and ticker; all are of MSFT"
UNNAMED = "a column without a name holds the dates"
DAYS = "dates have a time of day, midnight"
PLAIN: dict[str, tuple[str, Write, list[str]]] = {
    "as pandas writes it": ("p.csv", lambda frame, path: frame.to_csv(path), []),
    "zipped": ("p.csv.gz", lambda frame, path: frame.to_csv(path), []),
    "Parquet": ("p.parquet", lambda frame, path: frame.to_parquet(path), []),
    "two levels": ("p.csv", lambda frame, path: download(frame, "MSFT").to_csv(path), [TWO_LEVELS]),
    "two levels, ticker first": (
        "p.csv",
        lambda frame, path: download(frame, "MSFT").swaplevel(axis=1).to_csv(path),
        [TWO_LEVELS],
    ),
    "two levels in Parquet": ("p.parquet", lambda frame, path: download(frame, "MSFT").to_parquet(path), [TWO_LEVELS]),
    "unnamed index": ("p.csv", lambda frame, path: frame.rename_axis(None).to_csv(path), [UNNAMED]),
    "unnamed index in Parquet": ("p.parquet", lambda frame, path: frame.rename_axis(None).to_parquet(path), [UNNAMED]),
    "counted rows": (
        "p.csv",
        lambda frame, path: frame.reset_index().to_csv(path),
        ["left out: the column without a name, which counts the rows"],
    ),
    "rows counted twice": (
        "p.csv",
        lambda frame, path: frame.reset_index().rename_axis("Unnamed: 0").to_csv(path),
        ["left out: the column without a name, which counts the rows"],
    ),
    "semicolons, decimal comma": (
        "p.csv",
        write_german,
        ["semicolons separate the columns", "dates are dd.mm.yyyy, such as 14.01.2013", "numbers have a decimal comma"],
    ),
    "tabs": ("p.csv", lambda frame, path: frame.to_csv(path, sep="\t"), ["tabs separate the columns"]),
    "thousands": ("p.csv", write_thousands, ["numbers have commas between thousands, such as 2,"]),
    "m/d/yyyy": (
        "p.csv",
        lambda frame, path: frame.to_csv(path, date_format="%m/%d/%Y"),
        ["dates are mm/dd/yyyy, such as 01/14/2013"],
    ),
    "dd/mm/yyyy": (
        "p.csv",
        lambda frame, path: frame.to_csv(path, date_format="%d/%m/%Y"),
        ["dates are dd/mm/yyyy, such as 14/01/2013"],
    ),
    "yyyy/mm/dd": (
        "p.csv",
        lambda frame, path: frame.to_csv(path, date_format="%Y/%m/%d"),
        ["dates are yyyy/mm/dd, such as 2013/01/03"],
    ),
    "a time of day": (
        "p.csv",
        lambda frame, path: frame.to_csv(path, date_format="%Y-%m-%d %H:%M:%S"),
        [f"{DAYS}, which is left out: 2013-01-03 00:00:00"],
    ),
}


@pytest.mark.parametrize("case", list(PLAIN))
def test_a_file_that_has_one_reading_gives_the_same_bars_and_says_how_it_was_read(
    case: str, plain: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    name, write, expected = PLAIN[case]
    write(plain, tmp_path / name)
    found, said = read(tmp_path / name)
    assert (found.dates == bars.dates).all()
    assert found.values.tobytes() == bars.values.tobytes()
    assert len(said) == len(expected)
    assert all(line.startswith(start) for line, start in zip(said, expected, strict=True)), said


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_history_of_yfinance_is_read_by_the_days_of_its_time_zone(
    suffix: str, history: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    path = tmp_path / f"history.{suffix}"
    history.to_csv(path) if suffix == "csv" else history.to_parquet(path)
    found, said = read(path)
    assert (found.dates == bars.dates).all()
    assert found.values.tobytes() == bars.values.tobytes()
    shown = ": 2013-01-03 00:00:00-05:00" if suffix == "csv" else ""
    place = "" if suffix == "csv" else f" in {ZONE}"
    left_out, days = "left out: Dividends, Stock Splits, Capital Gains", f"{DAYS}{place}, which is left out{shown}"
    assert sorted(said) == sorted([left_out, days])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_days_of_another_time_zone_are_refused_with_the_line_that_mends_them(
    suffix: str, history: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / f"utc.{suffix}"
    moved = history.tz_convert("UTC")
    moved.to_csv(path) if suffix == "csv" else moved.to_parquet(path)
    message = refuse(path)
    assert message.startswith("line 2, date: '2013-01-03 05:00:00+00:00'" if suffix == "csv" else "row 0, date: 2013")
    assert 'prices.tz_convert("America/New_York").tz_localize(None).to_csv(…)' in message
    moved.tz_convert(ZONE).tz_localize(None).to_csv(tmp_path / "mended.csv")
    assert read(tmp_path / "mended.csv")[0].dates[0] == np.datetime64("2013-01-03")


def test_dates_that_two_forms_allow_are_refused_and_read_once_the_form_is_told(
    plain: pd.DataFrame, tmp_path: Path
) -> None:
    path, early = tmp_path / "p.csv", plain[plain.index.day <= 12]
    early.to_csv(path, date_format="%m/%d/%Y")
    assert refuse(path) == (
        "date: '01/03/2013' can be read in two ways, as no day is above 12; pass --date-format %m/%d/%Y or "
        "--date-format %d/%m/%Y"
    )
    for date_format in ("%m/%d/%Y", "%d/%m/%Y"):
        found, said = read(path, PriceForm(date_format))
        days = [datetime.datetime.strptime(each.strftime("%m/%d/%Y"), date_format) for each in early.index]
        assert found.dates.tolist() == sorted(day.date() for day in days)
        assert said == ()


def test_dates_in_two_forms_are_refused(plain: pd.DataFrame, tmp_path: Path) -> None:
    plain.index = [f"{day:%d/%m/%Y}" if place % 2 else f"{day:%m/%d/%Y}" for place, day in enumerate(plain.index)]
    plain.rename_axis("Date").to_csv(tmp_path / "p.csv")
    assert refuse(tmp_path / "p.csv").endswith("; write all dates in one form")


@pytest.mark.parametrize(("date_format", "shown"), [("%Y%m%d", "20130103"), ("%b %d, %Y", "Jan 03, 2013")])
def test_a_form_of_dates_that_is_not_known_is_read_once_it_is_told(
    date_format: str, shown: str, plain: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    path = tmp_path / "p.csv"
    plain.to_csv(path, date_format=date_format)
    expected = f"line 2, date: {shown!r} is not a date like 2013-03-01, without a time of day: bars are daily; say how"
    assert refuse(path).startswith(expected)
    assert refuse(path).endswith("such as --date-format %d.%m.%y")
    assert (read(path, PriceForm(date_format))[0].dates == bars.dates).all()
    other = refuse(path, PriceForm("%d.%m.%y"))
    assert other == (
        f"line 2, date: {shown!r} is not a date in the form --date-format %d.%m.%y, without a time of day (and 39 more)"
    )


def test_numbers_that_two_decimal_marks_allow_are_refused_and_read_once_it_is_told() -> None:
    text = "Date;Open;High;Low;Close;Volume\n2013-03-01;3.700;3.800;3.600;3.750;1.000\n"
    with pytest.raises(InvalidInput) as refused:
        parse_prices(text, FILE)
    assert str(refused.value) == (
        "line 2, Open: '3.700' can be read in two ways, as every mark has three digits after it; pass --decimal . or "
        "--decimal ,"
    )
    thousands = "numbers have points between thousands, such as 3.700, read as 3700"
    for decimal, close, said in ((".", 3.75, []), (",", 3750.0, [thousands])):
        cells = parse_prices(text, FILE, PriceForm(decimal=decimal))  # type: ignore[arg-type]
        assert cells.read(SCHEMA).close.tolist() == [close]
        assert list(cells.said[1:]) == said


def test_numbers_in_the_other_form_than_told_are_refused_and_not_taken_for_something_else() -> None:
    text = "Date;Open;High;Low;Close;Volume\n2013-03-01;3,5;3,8;3,1;3.5;1\n"
    with pytest.raises(InvalidInput, match=r"line 2, Close: '3\.5' is not a number with the decimal mark ','"):
        parse_prices(text, FILE, PriceForm(decimal=","))
    with pytest.raises(InvalidInput, match="has a decimal point, and '3,5' a decimal comma; write all numbers in one"):
        parse_prices(text, FILE)


def test_prices_with_three_digits_after_the_point_are_read_as_ever_if_commas_separate_them() -> None:
    text = "Date,Open,High,Low,Close,Volume\n2013-03-01,3.700,3.800,3.600,3.750,1000\n"
    cells = parse_prices(text, FILE)
    assert (cells.read(SCHEMA).close.tolist(), cells.said) == ([3.75], ())


def test_a_decimal_comma_and_points_between_thousands_are_both_said() -> None:
    text = "Date;Open;High;Low;Close;Volume\n2013-03-01;9,5;1.003,8;3,1;3,5;1\n"
    assert parse_prices(text, FILE).said[1:] == (
        "numbers have a decimal comma, such as 9,5",
        "numbers have points between thousands, such as 1.003,8, read as 1003.8",
    )


def test_a_header_with_two_separators_is_refused_and_read_once_it_is_told() -> None:
    text = 'Date;Open;High;Low;Close;Volume;"a,b"\n2013-03-01;3;4;3;3;1;x\n'
    with pytest.raises(InvalidInput, match=r"p\.csv: the header has commas and semicolons; say .*: --sep ','"):
        parse_prices(text, FILE)
    with pytest.raises(InvalidInput, match="a,b: unknown column"):
        parse_prices(text, FILE, PriceForm(sep=";")).read(SCHEMA)


def test_several_series_side_by_side_are_refused_with_the_lines_that_split_them(
    plain: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    both = download(plain, "AAPL", "MSFT")
    for name in ("both.csv", "both.parquet"):
        path = tmp_path / name
        both.to_csv(path) if path.suffix == ".csv" else both.to_parquet(path)
        assert refuse(path) == (
            f"{name}: holds 2 series side by side: AAPL, MSFT. Write one of them, in pandas: "
            'prices.xs("AAPL", axis=1, level="Ticker").to_csv("AAPL.csv"), or all of them, for train-panel: '
            'prices.stack("Ticker").to_csv("prices.csv")'
        )
    both.xs("AAPL", axis=1, level="Ticker").to_csv(tmp_path / "AAPL.csv")
    assert read(tmp_path / "AAPL.csv")[0].values.tobytes() == bars.values.tobytes()


@pytest.mark.parametrize("form", ["flat", "semicolons", "two levels", "Parquet", "zipped"])
def test_missing_cells_are_refused_with_the_line_of_pandas_that_drops_them(
    form: str, plain: pd.DataFrame, bars: Bars, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain.iloc[[3, 7], 1] = np.nan
    path = tmp_path / {"Parquet": "p.parquet", "zipped": "p.csv.gz"}.get(form, "p.csv")
    if form == "Parquet":
        plain.to_parquet(path)
    elif form == "two levels":
        download(plain, "MSFT").to_csv(path)
    else:
        plain.to_csv(path, sep=";" if form == "semicolons" else ",", na_rep="null" if form == "flat" else "")
    first, _, command = refuse(path).partition("; to drop the lines with a missing cell, in pandas: ")
    assert first.endswith("is not a number (and 1 more)")
    monkeypatch.chdir(tmp_path)
    exec(command, {"pd": pd})  # noqa: S102 -- the line that the message gives
    found, _ = read(next(tmp_path.glob("p.clean.*")))
    kept = [place for place in range(len(bars)) if place not in (3, 7)]
    assert found.values.tobytes() == bars.select(np.array(kept)).values.tobytes()


@pytest.mark.parametrize("fault", ["a date twice", "closes alone"])
def test_other_refusals_name_a_line_of_pandas_that_works(
    fault: str, plain: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.csv"
    frame = plain.rename_axis("Date").reset_index() if plain.index.name or "Date" not in plain else plain
    changed = pd.concat([frame, frame.tail(1)]) if fault == "a date twice" else frame[["Date", "Close", "Volume"]]
    changed.to_csv(path, index=False)
    _, _, command = refuse(path).partition(", in pandas: ")
    monkeypatch.chdir(tmp_path)
    exec(command, {"pd": pd})  # noqa: S102 -- the line that the message gives
    found, _ = read(tmp_path / "p.clean.csv")
    assert len(found) == len(frame)


def test_a_column_without_a_name_that_is_neither_dates_nor_numbers_of_rows_is_refused() -> None:
    text = ",Open,High,Low,Close,Volume\nx,3,4,3,3,1\n"
    with pytest.raises(InvalidInput) as refused:
        parse_prices(text, FILE)
    assert str(refused.value) == (
        "columns: the column without a name holds 'x'; expected dates, as no column is called Date. In pandas, write "
        "none: prices.to_csv(…, index=False)"
    )
    with pytest.raises(InvalidInput, match="holds '1'; expected the numbers of the rows"):
        parse_prices("Date,,Open\n2020-01-02,1,3\n2020-01-03,1,3\n", FILE)


def test_the_yahoo_format_is_read_to_the_bits_that_were_written(bars: Bars, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(write_price_csv(bars))
    found, said = read(path)
    assert (found.values.tobytes(), said) == (bars.values.tobytes(), ())


def test_a_bad_date_among_dates_of_a_known_form_is_named_by_its_line() -> None:
    header = "Date,Open,High,Low,Close,Volume\n"
    text = f"{header}12/31/2012,3,4,3,3,1\nsoon,3,4,3,3,1\n02/30/2013,3,4,3,3,1\n"
    with pytest.raises(InvalidInput) as refused:
        parse_prices(text, FILE).read(SCHEMA)
    assert [(problem.row, problem.reason[:12]) for problem in refused.value.problems] == [
        (3, "'soon' is no"),
        (4, "'2013-02-30'"),
    ]


@pytest.mark.parametrize(("cell", "iso"), [("13/12/2012", "2012-12-13"), ("12/13/2012", "2012-12-13")])
def test_the_first_day_above_12_says_which_number_is_the_day(cell: str, iso: str) -> None:
    text = f"Date,Open,High,Low,Close,Volume\n{cell},3,4,3,3,1\n"
    assert parse_prices(text, FILE).read(SCHEMA).dates.astype(str).tolist() == [iso]


def test_a_time_of_day_is_refused_in_a_form_that_is_told_as_well() -> None:
    text = "Date,Open,High,Low,Close,Volume\n01.03.2013 09:30,3,4,3,3,1\n"
    with pytest.raises(InvalidInput, match=r"'01\.03\.2013 09:30' is not a date in the form .*, without a time of day"):
        parse_prices(text, FILE, PriceForm("%d.%m.%Y %H:%M"))
    at_midnight = parse_prices(text.replace("09:30", "00:00"), FILE, PriceForm("%d.%m.%Y %H:%M"))
    assert at_midnight.read(SCHEMA).dates.astype(str).tolist() == ["2013-03-01"]


@pytest.mark.parametrize("cells", [('"0', "0"), ('"0', '0"'), ('"0"1', "0")])
def test_a_quote_hides_no_lines_in_a_column_that_is_left_out(cells: tuple[str, str]) -> None:
    first, second = cells
    text = (
        "Date,Open,High,Low,Close,Volume,Dividends\n2013-02-28,3,4,3,3,1,0\n"
        f"2013-03-01,3,4,3,3,1,{first}\n2013-03-04,3,4,3,3,1,{second}\n"
    )
    with pytest.raises(InvalidInput, match=r"line \d"):
        parse_prices(text, FILE)


def test_points_between_thousands_alone_are_said() -> None:
    text = "Date;Open;High;Low;Close;Volume\n2013-03-01;10.123;10.123;10.123;10.123;1.234.567\n"
    read = parse_prices(text, FILE)
    assert read.said[-1] == "numbers have points between thousands, such as 10.123, read as 10123"
    assert read.read(SCHEMA).close.tolist() == [10123.0]


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (pa.timestamp("us", tz="Mars/Olympus"), "of an unknown time zone"),
        (pa.time32("s"), "expected dates, or text such as 2013-03-01"),
        (pa.duration("s"), "expected dates, or text such as 2013-03-01"),
    ],
)
def test_what_is_no_date_in_parquet_is_refused_by_its_type(held: pa.DataType, reason: str, tmp_path: Path) -> None:
    parquet.write_table(pa.table({"Date": pa.array([1, 2], held), "Close": [1.0, 2.0]}), tmp_path / "p.parquet")
    with pytest.raises(InvalidInput, match=rf"^Date: holds .*{reason}"):
        read_price_file(tmp_path / "p.parquet")
