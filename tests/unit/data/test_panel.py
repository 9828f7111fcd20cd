"""Many series: folders and long frames that hold the same bars give the same bars; what is bad is named."""

import datetime
import gzip
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from lockstep.data.bars import Bars
from lockstep.data.calendar import calendar_from_sessions
from lockstep.data.panel.finding import digest_panel, find_panel
from lockstep.data.panel.sources import BadSeries, read_panel
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidInput

SCHEMA = BarsSchema(None, "prices")
HEADER = "Date,Open,High,Low,Close,Volume"
LINES = {
    "AAA": ["2020-01-02,10,11,9,10.1,5", "2020-01-03,10.1,11,9,10.3,6"],
    "BRK.B": ["2020-01-02,20,21,19,20.7,7", "2020-01-03,20.7,21,19,20.1,0", "2020-01-06,20,21.5,19,21,1"],
    "^GSPC": ["2020-01-06,3,3.5,2.9,3.1,8"],
}


def write_folder(folder: Path) -> Path:
    folder.mkdir()
    for symbol, lines in LINES.items():
        (folder / f"{symbol}.csv").write_text("\n".join([HEADER, *lines]))
    return folder


def write_long_csv(path: Path, *more: str) -> Path:
    """Write the lines of all symbols, in the order of their dates, as an exchange would."""
    lines = sorted((line, symbol) for symbol, held in LINES.items() for line in held)
    text = "\n".join([f"{HEADER},Symbol", *(f"{line},{symbol}" for line, symbol in lines), *more])
    path.write_text(text)
    return path


def list_columns() -> dict[str, list[object]]:
    rows = [(symbol, *line.split(",")) for symbol, lines in LINES.items() for line in lines]
    symbols, dates, *numbers = zip(*reversed(rows), strict=True)
    names = ("open", "high", "low", "close", "volume")
    typed = {name: [float(cell) for cell in cells] for name, cells in zip(names, numbers, strict=True)}
    return {"symbol": list(symbols), "date": list(dates), **typed}


def write_long_parquet(path: Path, **changed: object) -> Path:
    parquet.write_table(pa.table({**list_columns(), **changed}), path)
    return path


def read(path: Path, schema: BarsSchema = SCHEMA) -> tuple[dict[str, Bars], dict[str, str]]:
    good, bad = {}, {}
    for each in read_panel(find_panel(path), schema):
        if isinstance(each, BadSeries):
            bad[each.symbol] = each.reason
        else:
            good[each[0]] = each[1]
    return good, bad


def list_bits(found: dict[str, Bars]) -> list[tuple[str, bytes, bytes]]:
    return [(symbol, bars.dates.tobytes(), bars.values.tobytes()) for symbol, bars in found.items()]


def test_each_form_of_the_same_bars_gives_the_same_bits_in_the_order_of_symbols(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder")
    expected, bad = read(folder)
    assert list(expected) == sorted(LINES)
    assert bad == {}
    assert expected["BRK.B"].values[:, 1].tolist() == [20.7, 21.0, 19.0, 20.1, 0.0]
    partitions = tmp_path / "partitions"
    for symbol, lines in LINES.items():
        part = partitions / f"symbol={symbol.replace('^', '%5E')}"
        part.mkdir(parents=True)
        (part / "_SUCCESS").touch()
        for place, line in enumerate(lines):
            (part / f"part-{9 - place}.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{line}".encode()))
    for other in (
        write_long_csv(tmp_path / "long.csv"),
        write_long_parquet(tmp_path / "long.parquet"),
        partitions,
    ):
        good, bad = read(other)
        assert (list_bits(good), bad) == (list_bits(expected), {}), other


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("date", [datetime.date.fromisoformat(str(each)) for each in list_columns()["date"]]),
        ("date", [datetime.datetime.fromisoformat(str(each)) for each in list_columns()["date"]]),
        ("volume", [int(str(each).partition(".")[0]) for each in list_columns()["volume"]]),
        ("symbol", pa.array(list_columns()["symbol"]).dictionary_encode()),
    ],
)
def test_parquet_may_hold_dates_numbers_and_symbols_in_other_types(column: str, cells: object, tmp_path: Path) -> None:
    good, bad = read(write_long_parquet(tmp_path / "long.parquet", **{column: cells}))
    assert (list_bits(good), bad) == (list_bits(read(write_folder(tmp_path / "folder"))[0]), {})


def test_a_bad_file_is_named_with_its_reason_and_the_others_are_read(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder")
    (folder / "BAD.csv").write_text(f"{HEADER}\n2020-01-02,10,11,9,x,5\n")
    (folder / "EMPTY.csv").write_text("")
    (folder / "LATIN.csv").write_bytes(f"{HEADER}\n\xe9".encode("latin-1"))
    (folder / "SEMI.csv").write_text("Date;Open\n2020-01-02;1")
    (folder / "CUT.csv.gz").write_bytes(gzip.compress(b"Date,Open")[:-4])
    (folder / "NOT.parquet").write_text("a,b")
    (folder / "STEER\x1b.csv").write_text("")
    (folder / "TWICE.csv").write_text(f"{HEADER}\n{LINES['AAA'][0]}")
    (folder / "TWICE.parquet").touch()
    (folder / "symbol=NONE").mkdir()
    (folder / "README.md").write_text("what the files are")
    (folder / ".hidden.csv").write_text("x")
    good, bad = read(folder)
    assert list(good) == sorted(LINES)
    expected = {
        "BAD": "line 2, close: 'x' is not a",
        "CUT": "CUT.csv.gz: is no whole gzip file",
        "EMPTY": "EMPTY.csv: no bars",
        "LATIN": "line 2, LATIN.csv: is no UTF-8 text",
        "NONE": "the folder has no price file",
        "NOT": "NOT.parquet: is no Parquet file",
        "SEMI": "high: the column is missing",
        "STEER\N{REPLACEMENT CHARACTER}": "the symbol holds the character U+001B",
        "TWICE": "the symbol is there 2 times: TWICE.csv and TWICE.parquet",
    }
    assert {symbol: reason[: len(expected[symbol])] for symbol, reason in bad.items()} == expected


def test_bad_lines_of_a_long_frame_are_called_as_in_the_file(tmp_path: Path) -> None:
    more = ("2020-01-03,1,1,1,1,1,BAD", "", "2020-01-02,1,1,1,1,-1,BAD", '2020-01-02,1,1,1,1,1,"BA,D"', "2020-01-02,1")
    path = write_long_csv(tmp_path / "long.csv", *more, "2020-01-02,1,1,1,1,,CUT")
    good, bad = read(path)
    assert list(good) == [*sorted([*LINES, "BA,D"])]
    assert bad == {
        "(no symbol)": "line 12, symbol: no cell (1 such lines)",
        "BAD": "line 10, volume: -1.0 is not a finite number, 0 or more",
        "CUT": "line 13, volume: '' is not a number; to drop the lines with a missing cell, in pandas: "
        f'pd.read_csv("{path}", dtype=str).dropna(subset=["Volume"])'
        f'.to_csv("{path.with_name("long.clean.csv")}", index=False)',
    }


def test_the_line_of_pandas_against_dates_twice_keeps_the_bars_of_the_other_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = read(write_long_csv(tmp_path / "long.csv"))[0]
    [reason] = read(write_long_csv(tmp_path / "long.csv", f"{LINES['AAA'][0]},AAA"))[1].values()
    monkeypatch.chdir(tmp_path)
    exec(reason.partition(", in pandas: ")[2], {"pd": pd})  # noqa: S102 -- the line that the message gives
    assert list_bits(read(tmp_path / "long.clean.csv")[0]) == list_bits(series)


def test_a_break_inside_a_line_of_a_long_frame_is_refused(tmp_path: Path) -> None:
    for more in ('2020-01-02,1,1,1,1,1,"A', "2020-01-02,1,1,1,1,1,A\r2020-01-03,1,1,1,1,1,A"):
        with pytest.raises(InvalidInput, match="line 8: holds a break of lines"):
            find_panel(write_long_csv(tmp_path / "long.csv", more))


DROP = (
    'to drop the lines with a missing cell, in pandas: pd.read_parquet("{folder}/long.parquet")'
    '.dropna(subset=["close"]).to_parquet("{folder}/long.clean.parquet")'
)


def test_a_symbol_with_a_zero_at_its_end_is_no_other_symbol(tmp_path: Path) -> None:
    columns = list_columns()
    symbols = [str(each) for each in columns["symbol"]]
    last = symbols[-1]
    good, bad = read(write_long_parquet(tmp_path / "long.parquet", symbol=[*symbols[:-1], f"{last}\0"]))
    assert len(good[last]) == symbols.count(last) - 1
    assert [reason for reason in bad.values() if "U+0000" in reason]


def test_bad_rows_and_types_of_parquet_are_named(tmp_path: Path) -> None:
    columns = list_columns()
    cells = {"symbol": [None, *columns["symbol"][1:]], "close": [*columns["close"][:-1], None]}
    good, bad = read(write_long_parquet(tmp_path / "long.parquet", **cells))
    drop = DROP.format(folder=tmp_path)
    assert list(good) == ["BRK.B"]
    assert bad == {"(no symbol)": "row 0, symbol: no cell", "AAA": f"row 5, close: nan is not a number; {drop}"}
    late = [datetime.datetime(2020, 1, 2, 16)] * 6
    for changed, reason in (
        ({"date": late}, r"row 0, date: 2020-01-02T16:00:00\.000000 is not a date like 2013-03-01"),
        ({"close": ["1"] * 6}, "close: holds string; expected numbers"),
        ({"symbol": [1] * 6}, "symbol: holds int64; expected text"),
        (
            {"date": pa.array(late, pa.timestamp("us", "UTC"))},
            r"row 0, date: 2020-01-02T16:.* is not a date",
        ),
        ({"date": [1] * 6}, "date: holds int64; expected dates"),
    ):
        with pytest.raises(InvalidInput, match=reason):
            find_panel(write_long_parquet(tmp_path / "bad.parquet", **changed))


def test_a_column_of_symbols_in_a_file_of_one_series_has_to_hold_that_symbol(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("AAA", "long"):
        write_long_csv(folder / f"{name}.csv")
    (folder / "OWN.csv").write_text(f"symbol,{HEADER}\n" + "\n".join(f"OWN,{line}" for line in LINES["AAA"]))
    good, bad = read(folder)
    assert list(good) == ["OWN"]
    advice = "; pass a file of many series by itself"
    assert bad == {
        "AAA": f"line 3, symbol: 'BRK.B', but the file is of AAA{advice}",
        "long": f"line 2, symbol: 'AAA', but the file is of long{advice}",
    }


def test_parts_of_a_series_may_not_share_a_date(tmp_path: Path) -> None:
    part = tmp_path / "folder" / "symbol=AAA"
    part.mkdir(parents=True)
    for name in ("0.csv", "1.csv"):
        (part / name).write_text("\n".join([HEADER, *LINES["AAA"]]))
    assert read(part.parent) == ({}, {"AAA": "bar 2, date: 2020-01-02 is there twice (and 1 more)"})
    (part / "1.csv").write_text(f"{HEADER}\nx,1,1,1,1,1")
    assert read(part.parent)[1]["AAA"].startswith("1.csv: line 2, date: 'x' is not a date")


def test_the_dates_of_a_calendar_are_asked_for(tmp_path: Path) -> None:
    sessions = np.array(["2020-01-02", "2020-01-03"], "datetime64[D]")
    calendar = calendar_from_sessions("file", sessions, sessions[-1])
    good, bad = read(write_folder(tmp_path / "folder"), BarsSchema(calendar, "prices"))
    assert (list(good), sorted(bad)) == (["AAA"], ["BRK.B", "^GSPC"])


def test_a_source_is_read_in_another_process_and_its_digest_is_of_its_own_bytes(tmp_path: Path) -> None:
    for path in (
        write_folder(tmp_path / "folder"),
        write_long_csv(tmp_path / "long.csv"),
        write_long_parquet(tmp_path / "long.parquet"),
    ):
        panel, again = find_panel(path), pickle.loads(pickle.dumps(find_panel(path)))
        assert [list_bits({each.symbol: each.read(SCHEMA)}) for each in panel.sources] == [
            list_bits({each.symbol: each.read(SCHEMA)}) for each in again.sources
        ]
        digests = [each.digest() for each in panel.sources]
        assert digests == [each.digest() for each in again.sources]
        assert len(set(digests)) == len(LINES)


def test_the_digest_of_an_input_changes_with_a_bar_of_it(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder")
    before = digest_panel(folder, find_panel(folder))
    (folder / "AAA.csv").write_text("\n".join([HEADER, LINES["AAA"][0]]))
    assert digest_panel(folder, find_panel(folder)) != before
    path = write_long_csv(tmp_path / "long.csv")
    before = digest_panel(path, find_panel(path))
    write_long_csv(path, "2020-01-02,1,1,1,1,1,NEW")
    assert digest_panel(path, find_panel(path)) != before


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("long.csv", HEADER, "symbol: the column is missing; put files of one series each"),
        ("long.csv", f"{HEADER},Symbol", "long.csv: no bars; expected a header and a line for each bar"),
        ("long.csv", f"{HEADER},Symbol,symbol", "symbol: the column is there 2 times"),
        ("long.txt", HEADER, "long.txt: is no panel; expected a folder of price files, or a long frame"),
    ],
)
def test_what_is_no_panel_is_refused(name: str, text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InvalidInput) as refused:
        find_panel(path)
    assert str(refused.value).startswith(reason)


def test_a_folder_without_price_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing yet")
    with pytest.raises(InvalidInput, match=r"no price files; expected files called SYMBOL\.csv"):
        find_panel(tmp_path)
