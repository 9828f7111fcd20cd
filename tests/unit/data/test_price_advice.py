"""Refused price files: the line of pandas in the message is run, and what it writes is read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lockstep.data.bars import Bars
from lockstep.data.panel.long_csv import find_in_long_csv
from lockstep.data.price_files.form import UNTOLD, PriceForm
from lockstep.data.price_files.reading import read_price_file
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidInput

SCHEMA = BarsSchema(None, "prices")
WITHOUT_VOLUME = BarsSchema(None, "prices", reads_volume=False)
NAMES = ["Open", "High", "Low", "Close", "Volume"]
GERMAN = ["Datum", "Eröffnung", "Hoch", "Tief", "Schluss", "Volumen"]
IN_PANDAS = ", in pandas: "

Mend = Callable[[Path], Path]


@pytest.fixture
def bars(msft: Bars) -> Bars:
    return msft.select(slice(-40, None))


@pytest.fixture
def frame(bars: Bars) -> pd.DataFrame:
    index = pd.DatetimeIndex(bars.dates).rename("Date")
    return pd.DataFrame(dict(zip(NAMES, bars.values, strict=True)), index)


def refuse(path: Path, schema: BarsSchema = SCHEMA) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        read_price_file(path).cells.read(schema)
    return refused.value


def run_line(advice: str, folder: Path) -> Path:
    """Return the file in the folder that the line of pandas in the advice writes."""
    exec(advice.partition(IN_PANDAS)[2], {"pd": pd})  # noqa: S102 -- the line that the message gives
    [written] = folder.glob("*.clean*")
    return written


def mend(path: Path, schema: BarsSchema = SCHEMA, form: PriceForm = UNTOLD) -> Bars:
    """Return the bars of the file that the line in the refusal writes."""
    return read_price_file(run_line(refuse(path, schema).advice, path.parent), form).cells.read(schema)


def write(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path)
    return path


def give_two_levels(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat({"MSFT": frame}, axis=1, names=["Ticker", "Price"]).swaplevel(axis=1)


@pytest.mark.parametrize("form", ["flat", "two levels", "Parquet", "two levels in Parquet"])
def test_an_empty_column_that_may_be_missing_is_dropped_and_no_bar_is(
    form: str, frame: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    empty = frame.assign(**{"Adj Close": np.nan})
    held = give_two_levels(empty) if "levels" in form else empty
    path = write(held, tmp_path / ("p.parquet" if "Parquet" in form else "p.csv"))
    column = '("Adj Close", "MSFT")' if "levels" in form else '"Adj Close"'
    assert refuse(path).advice.startswith(f"to drop the empty column {column}, in pandas: pd.read_")
    assert mend(path).values.tobytes() == bars.values.tobytes()


@pytest.mark.parametrize("form", ["flat", "two levels", "Parquet"])
def test_lines_are_dropped_for_the_columns_that_are_read(
    form: str, frame: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    frame = frame.assign(Dividends=np.nan, **{"Adj Close": np.nan})
    frame.iloc[3, 1] = np.nan
    frame.iloc[5, 4] = np.nan
    held = give_two_levels(frame) if form == "two levels" else frame
    path = write(held, tmp_path / ("p.parquet" if form == "Parquet" else "p.csv"))
    assert " and the lines with a missing cell, in pandas: " in refuse(path, WITHOUT_VOLUME).advice
    kept = bars.select(np.array([place for place in range(len(bars)) if place != 3]))
    assert mend(path, WITHOUT_VOLUME).values.tobytes() == kept.values[:4].tobytes()


def test_no_line_is_given_that_leaves_no_bar(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.iloc[::2, 0] = np.nan
    frame.iloc[1::2, 4] = np.nan
    assert refuse(write(frame, tmp_path / "p.csv")).advice == (
        "each line lacks a cell that a bar needs, so none is left if they are dropped"
    )
    path = write(frame.assign(Open=1.0, High=None), tmp_path / "q.csv")
    assert refuse(path).advice == "no line has a cell in high, which every bar needs"


@pytest.mark.parametrize("others", ["empty", "missing", "missing beside an unknown one"])
def test_closes_alone_may_stand_for_all_prices(others: str, frame: pd.DataFrame, bars: Bars, tmp_path: Path) -> None:
    if others == "empty":
        frame[["Open", "High", "Low"]] = None
    else:
        frame = frame[["Close", "Volume"]]
    if others == "missing beside an unknown one":
        frame = frame.assign(**{"Change %": 1.0})
    mended = mend(write(frame, tmp_path / "p.csv"))
    assert (mended.values[:4] == bars.close).all()


def test_the_empty_column_of_one_series_of_a_long_frame_is_said_to_be_that_of_all(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(
        "Date,Open,High,Low,Close,Adj Close,Volume,Symbol\n"
        "2020-01-02,1,1,1,1,,1,A\n2020-01-03,1,1,1,1,,1,A\n2020-01-02,1,1,1,1,1,1,B\n"
    )
    [empty] = [each for each in find_in_long_csv(path, UNTOLD).sources if each.symbol == "A"]
    with pytest.raises(InvalidInput) as refused:
        empty.read(SCHEMA)
    assert 'to drop the empty column "Adj Close" of every series, in pandas: ' in refused.value.advice
    written = run_line(refused.value.advice, tmp_path)
    assert [len(each.read(SCHEMA)) for each in find_in_long_csv(written, UNTOLD).sources] == [2, 1]


def write_german(frame: pd.DataFrame, path: Path, names: list[str], encoding: str = "utf-8") -> Path:
    renamed = frame.reset_index().set_axis(GERMAN, axis=1)[names]
    renamed.to_csv(path, sep=";", decimal=",", date_format="%d.%m.%Y", index=False, encoding=encoding)
    return path


@pytest.mark.parametrize("names", [GERMAN, GERMAN[:-1]])
def test_foreign_names_are_renamed_in_their_order_if_the_prices_fit_it(
    names: list[str], frame: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    path = write_german(frame, tmp_path / "p.csv", names)
    refused = refuse(path)
    assert refused.advice.startswith("to rename the columns in their order, if each pair is right, in pandas: ")
    assert [each.column for each in refused.problems[6:]] == names
    if len(names) == 6:
        assert "'Eröffnung'" in refused.lines[1]
        assert not [name for name in ("Datum", "Volumen") if name in refused.lines[1]]
        assert "'Volumen' was sent" in refused.lines[5]
    read = mend(path, SCHEMA if len(names) == 6 else WITHOUT_VOLUME)
    assert read.values.tobytes() == bars.values[: len(names) - 1].tobytes()


@pytest.mark.parametrize(
    "names",
    [
        ["Datum", "Schluss", "Eröffnung", "Hoch", "Tief", "Volumen"],
        ["Datum", "Volumen", "Eröffnung", "Hoch", "Tief", "Schluss"],
        ["Volumen", "Eröffnung", "Hoch", "Tief", "Schluss", "Datum"],
    ],
)
def test_foreign_names_in_another_order_are_left_to_the_reader(
    names: list[str], frame: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    path = write_german(frame, tmp_path / "p.csv", names)
    advice = refuse(path).advice
    prices = [name for name in names if name not in ("Datum", "Volumen")]
    listed = ", ".join(f'"{name}"' for name in prices)
    assert advice.startswith(f'to rename the columns, with one of {listed} in the place of each "…", in pandas: ')
    assert advice.count('"Datum": "Date"') == advice.count('"Volumen": "Volume"') == 1
    for name in GERMAN[1:5]:
        advice = advice.replace('"…": ', f'"{name}": ', 1)
    assert read_price_file(run_line(advice, tmp_path)).cells.read(SCHEMA).values.tobytes() == bars.values.tobytes()


def test_a_sixth_column_is_no_volume_by_its_place_alone(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = write(frame.rename(columns={"Volume": "Umsatz"}).rename_axis("Datum"), tmp_path / "p.csv")
    assert '"…": "Volume"' not in refuse(path).advice
    assert '"Umsatz":' not in refuse(path).advice
    other = write(frame.rename(columns={"Volume": "Umsatz", "Open": "Erster"}), tmp_path / "q.csv")
    assert '{"…": "Open", "…": "Volume"}' in refuse(other).advice


def test_the_names_of_stooq_are_renamed_and_its_other_columns_left_out(
    frame: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    frame = frame.rename(columns=lambda name: f"<{name.upper()}>").rename(columns={"<VOLUME>": "<VOL>"})
    frame.insert(0, "<TICKER>", "MSFT.US")
    frame.assign(**{"<OPENINT>": 0, "<PER>": "D", "<TIME>": "000000"}).rename_axis("<DATE>").to_csv(
        tmp_path / "msft.us.txt", date_format="%Y%m%d"
    )
    read = mend(tmp_path / "msft.us.txt", form=PriceForm("%Y%m%d"))
    assert read.values.tobytes() == bars.values.tobytes()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_names_in_parquet_and_unknown_columns_are_mended_as_well(
    suffix: str, frame: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    named = frame.rename_axis("Datum").rename(columns={"Close": "Closing"}).assign(vwap="x")
    assert mend(write(named, tmp_path / f"p.{suffix}")).values.tobytes() == bars.values.tobytes()


@pytest.mark.parametrize("form", ["flat", "two levels"])
def test_columns_that_are_unknown_are_left_out(form: str, frame: pd.DataFrame, bars: Bars, tmp_path: Path) -> None:
    more = frame.assign(pre_close=1.0)
    path = write(give_two_levels(more) if form == "two levels" else more, tmp_path / "p.csv")
    assert refuse(path).advice.startswith("to leave out the columns that are unknown, in pandas: ")
    assert mend(path).values.tobytes() == bars.values.tobytes()


def test_an_adjusted_close_is_known_by_the_beginning_of_its_name(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = write(frame.assign(**{"Adj. Close": frame["Close"] / 2.0}), tmp_path / "p.csv")
    assert (mend(path).close == frame["Close"] / 2.0).all()


def test_dates_twice_in_an_index_without_a_name_are_dropped_by_what_pandas_calls_it(
    frame: pd.DataFrame, bars: Bars, tmp_path: Path
) -> None:
    path = write(pd.concat([frame, frame.tail(1)]).rename_axis(None), tmp_path / "p.csv")
    assert mend(path).values.tobytes() == bars.values.tobytes()


@pytest.mark.parametrize("name", ["p.csv", "P.CSV", "p.csv.gz", "P.CSV.GZ", "a b'\"\\ü\U0001f600.csv", "p.txt", "p"])
def test_the_line_names_the_path_that_was_typed(
    name: str, frame: pd.DataFrame, bars: Bars, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "of.csv").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    typed = Path("..", "of.csv", name)
    frame.iloc[0, 0] = np.nan
    frame.to_csv(typed)
    assert mend(typed).values.tobytes() == bars.select(slice(1, None)).values.tobytes()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_refused_with_its_line_and_the_line_of_pandas(
    encoding: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    path = write_german(frame, tmp_path / "p.csv", GERMAN, encoding)
    refused = refuse(path)
    assert refused.lines == ["line 1, p.csv: is no UTF-8 text"]
    assert f'encoding="{encoding}", sep=";"' in refused.advice
    written = run_line(refused.advice, tmp_path)
    assert refuse(written).problems[6].column == "Datum"
    assert "if each pair is right" in refuse(written).advice


def test_a_line_of_a_long_frame_in_another_encoding_is_called_as_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    header = "Date,Open,High,Low,Close,Volume,Symbol,Dividends"
    lines = [f"2020-01-02,1,1,1,1,1,{symbol},{note}" for symbol, note in (("A", ""), ("B", ""), ("B", "é"))]
    path.write_text("\n".join([header, *lines]), "latin-1")
    [bad] = [each for each in find_in_long_csv(path, UNTOLD).sources if each.symbol == "B"]
    with pytest.raises(InvalidInput, match=r"^line 4, long\.csv: is no UTF-8 text; if it is latin-1"):
        bad.read(SCHEMA)


def test_a_long_frame_keeps_its_symbols_when_unknown_columns_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    lines = [f"2020-01-02,1,1,1,1,1,{symbol},7" for symbol in "AB"]
    path.write_text("\n".join(["Date,Open,High,Low,Close,Volume,Ticker,VWAP", *lines]))
    first, _ = find_in_long_csv(path, UNTOLD).sources
    with pytest.raises(InvalidInput) as refused:
        first.read(SCHEMA)
    written = run_line(refused.value.advice, tmp_path)
    assert [len(each.read(SCHEMA)) for each in find_in_long_csv(written, UNTOLD).sources] == [1, 1]


def test_bytes_that_are_no_text_get_no_encoding(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"PK\x03\x04\xff\xfe\x90")
    assert refuse(path).advice == ""
