import csv
import io
import math
import struct
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lockstep.data.column import ColumnSchema
from lockstep.data.schema import BarsSchema
from lockstep.data.table import TableSchema
from lockstep.doors.door import Received
from lockstep.doors.mlflow.csv_lines import CSV_CELLS, read_numbers_alone, read_texts
from lockstep.doors.mlflow.door import decode
from lockstep.errors import InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, TOO_LARGE, WRONG_MEDIA_TYPE, Kind

NUMBERS = TableSchema(tuple(ColumnSchema(name, "number", takes_missing=True) for name in ("a", "b")))
MIXED = TableSchema((NUMBERS.columns[0], ColumnSchema("b", "text", takes_missing=True)))
NAMED_BY_NUMBERS = TableSchema(tuple(ColumnSchema(name, "number", takes_missing=True) for name in ("0", "1")))
BARS = BarsSchema(None, "prices")
BAR = "24.66,24.79,24.52,24.77,38157500"


def ask(body: str | bytes, content_type: str = "text/csv", max_rows: int = 1000) -> Any:
    raw = body if isinstance(body, bytes) else body.encode()
    return decode(Received(raw, max_rows, "text/csv", {"content-type": content_type}))


def read(body: str | bytes, schema: TableSchema = NUMBERS, content_type: str = "text/csv") -> list[list[Any]]:
    """Return the columns that the Schema makes of a body."""
    asked = ask(body, content_type)
    names, columns = asked.table.read_columns(schema)
    rows = schema.read(names, columns, asked.reader)
    return [column.tolist() for column in rows.columns]


def refusal(body: str | bytes, content_type: str = "text/csv") -> tuple[Kind, str]:
    with pytest.raises(RequestError) as refused:
        ask(body, content_type)
    return refused.value.kind, str(refused.value)


def invalid(body: str, schema: TableSchema = NUMBERS, content_type: str = "text/csv") -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        read(body, schema, content_type)
    return refused.value.lines


def bits(columns: list[list[float]]) -> list[bytes]:
    return [struct.pack(f"{len(column)}d", *column) for column in columns]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n\n"])
@pytest.mark.parametrize(
    "body", ["a,b\n1,2\n3,4", "b,a\n2,1\n4,3", '"a","b"\n1,2\n3,4', "1,2\n3,4", ",a,b\n0,1,2\n1,3,4"]
)
def test_the_header_names_the_columns_and_numbers_alone_are_none(body: str, end: str) -> None:
    assert read(body.replace("\n", end.strip("\n") + "\n") + end) == [[1.0, 3.0], [2.0, 4.0]]


@pytest.mark.parametrize(
    ("body", "content_type", "n_rows"),
    [
        ("0,1\n5,6", "text/csv", 1),
        ("0,1\n5,6", "text/csv; header=absent", 2),
        ("0,1\n5,6", "text/csv; header=present", 1),
        ("1,0\n5,6", "text/csv", 1),
        ("5,6\n0,1", "text/csv", 2),
        (",0,1\n0,5,6", "text/csv; charset=UTF-8", 1),
    ],
)
def test_numbers_that_name_columns_are_a_header_unless_it_is_declared_absent(
    body: str, content_type: str, n_rows: int
) -> None:
    assert len(read(body, NAMED_BY_NUMBERS, content_type)[0]) == n_rows


def test_a_first_line_of_a_text_is_a_header_unless_it_is_declared_absent() -> None:
    assert read("1,York\n2,Bath", MIXED, "text/csv; header=absent") == [[1.0, 2.0], ["York", "Bath"]]
    assert invalid("1,York\n2,Bath", MIXED) == [
        "header: '1, York' names no column of the model; if the first line is a row, send Content-Type: text/csv; "
        "header=absent"
    ]
    assert invalid("a,town\n2,Bath", MIXED) == [
        "b: the column is missing; unknown are 'town'",
        "town: unknown column; expected a, b",
    ]


def test_what_looks_like_a_number_is_a_text_in_a_column_of_texts() -> None:
    assert read("a,b\n1,01\n2,1e5", MIXED) == [[1.0, 2.0], ["01", "1e5"]]
    assert read("1,01\n2,1e5", MIXED) == [[1.0, 2.0], ["01", "1e5"]]
    assert read("b,a\n007,1", MIXED) == [[1.0], ["007"]]


def test_an_empty_cell_is_missing_quoted_or_not() -> None:
    a, b = read('a,b\n,x\n1,""\n"",\n', MIXED)
    assert (np.isnan(a).tolist(), b) == ([True, False, True], ["x", None, None])
    assert np.isnan(read("1,\n,2")).tolist() == [[False, True], [True, False]]


def test_quotes_hold_commas_breaks_and_quotes() -> None:
    assert read('a,b\r\n1,"x, ""y""\r\nz"\r\n', MIXED) == [[1.0], ['x, "y"\r\nz']]
    assert read('"a","b"\n"1","2"') == [[1.0], [2.0]]


@pytest.mark.parametrize("body", [f"2013-03-04,{BAR}", f",open,high,low,close,volume\n2013-03-04,{BAR}\n",
                                  f"Date,Open,High,Low,Close,Volume\n2013-03-04 00:00:00,{BAR}"])  # fmt: skip
def test_bars_have_their_dates_in_a_column_or_in_the_index(body: str) -> None:
    asked = ask(body)
    names, columns = asked.table.read_columns(BARS)
    bars = BARS.read(BARS.name_cells(columns) if names is None else names, columns, asked.reader)
    assert (str(bars.dates[0]), bars.values[:, 0].tolist()) == ("2013-03-04", [24.66, 24.79, 24.52, 24.77, 38157500.0])


def test_milliseconds_are_no_date_in_csv() -> None:
    asked = ask(f"date,open,high,low,close,volume\n1362355200000,{BAR}")
    names, columns = asked.table.read_columns(BARS)
    with pytest.raises(InvalidInput, match="'1362355200000' is not a date like 2013-03-01"):
        BARS.read(names, columns, asked.reader)


USUAL = ("1", "+1", "-0", "-0.0", ".5", "5.", "1e5", "1E-5", "01", " 1", "1\t", "1e-400", "1e22", "9007199254740993")


@pytest.mark.parametrize("cell", USUAL)
def test_a_number_in_any_usual_spelling_is_read(cell: str) -> None:
    assert bits(read(f"a,b\n{cell},1")) == bits([[float(cell)], [1.0]])


UNUSUAL = (
    "1_000",
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "0x10",
    "1e",
    "e5",
    "1 2",
    "null",
    "true",
    "\u0661",
    "[1]",
    " ",
    ".",
)


@pytest.mark.parametrize("cell", UNUSUAL)
def test_what_is_no_number_is_named_whatever_float_takes(cell: str) -> None:
    hint = "; for a missing value send an empty cell" if cell in ("nan", "NaN", "null") else ""
    assert invalid(f"a,b\n1,2\n3,{cell}") == [f"row 1, b: {cell!r} is not a number{hint}"]


def test_a_cell_with_a_comma_is_not_two_numbers() -> None:
    assert invalid('a,b\n"1,2",3\n') == ["row 0, a: '1,2' is not a number"]


def test_a_number_beyond_all_numbers_is_refused() -> None:
    assert invalid("1,1e400") == ["row 0, b: inf is beyond -1e+30 … 1e+30"]


doubles = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30)


@settings(deadline=None)
@given(st.lists(st.tuples(doubles, doubles), min_size=1), st.sampled_from(["a,b\n", ""]))
def test_every_double_keeps_its_bits_and_both_ways_of_reading_agree(rows: list[tuple[float, float]], head: str) -> None:
    text = "".join(f"{first!r},{second!r}\n" for first, second in rows)
    expected = bits([list(column) for column in zip(*rows, strict=True)])
    assert bits(read(head + text)) == expected
    as_pandas = pd.read_csv(io.StringIO(text), header=None, dtype=str)
    assert bits([list(map(float, as_pandas[place])) for place in range(2)]) == expected
    texts = list(zip(*read_texts(text), strict=True))
    assert bits([CSV_CELLS.read_numbers(column).tolist() for column in texts]) == expected


spellings = st.text("0123456789+-.eE ,\r\n", max_size=30)


@settings(deadline=None)
@given(spellings)
@example("\r0\n0")
def test_lines_of_numbers_are_those_that_the_csv_module_reads(text: str) -> None:
    numbers = read_numbers_alone(text)
    if numbers is not None:
        assert [[float(str(cell)) for cell in line] for line in read_texts(text)] == numbers.tolist()


cells = st.text("ab1,\" \r\n'é;", max_size=5)


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5))
def test_what_the_csv_module_writes_is_read_cell_by_cell(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    assert read_texts(written.getvalue()) == [[cell or None for cell in row] for row in rows]


gaps = st.tuples(st.one_of(st.none(), doubles), st.one_of(st.none(), st.text("abc,\"\n '", min_size=1)))


@settings(deadline=None)
@given(st.lists(gaps, min_size=1))
def test_what_pandas_writes_is_what_was_in_the_frame(rows: list[tuple[float | None, str | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"]).astype({"a": float, "b": object})
    for text in (frame.to_csv(index=False), frame.to_csv()):
        a, b = read(text, MIXED)
        assert bits([a]) == bits([[math.nan if first is None else first for first, _ in rows]])
        assert b == [second for _, second in rows]


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "detail"),
    [
        ("", "text/csv", EMPTY, "the body is empty; expected lines of CSV"),
        (b"a,b\n1,\xff", "text/csv", MALFORMED, "the body is not UTF-8"),
        ('a,b\n1,"x', "text/csv", MALFORMED, "the body is not CSV: line 2: unexpected end of data"),
        ('"a', "text/csv", MALFORMED, "the body is not CSV: line 1"),
        ('a,b\n1,"x"y', "text/csv", MALFORMED, "the body is not CSV: line 2"),
        ("a,b\n1," + "x" * 200_000, "text/csv", MALFORMED, "field larger than field limit"),
        (
            "1,2",
            "text/csv; header=maybe",
            WRONG_MEDIA_TYPE,
            "header=absent and charset=utf-8, not with",
        ),
        ("1,2", "text/csv; charset=latin-1", WRONG_MEDIA_TYPE, "not with {'charset': 'latin-1'}"),
        ("\n" * 80_000, "text/csv", TOO_LARGE, "more than 74000 values"),
        ("," * 80_000, "text/csv", TOO_LARGE, "more than 74000 values"),
        ("1\n" * 40_000, "text/csv", TOO_LARGE, "more than 74000 values"),
        ("\r" * 80_000, "text/csv", TOO_LARGE, "more than 74000 values"),
    ],
)
def test_what_is_no_csv_is_refused(body: str | bytes, content_type: str, kind: Kind, detail: str) -> None:
    found, message = refusal(body, content_type)
    assert (found, detail in message) == (kind, True), message


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("a,b\n", "data: no rows; expected at least one"),
        ("a,b\n1,2\n3\n", "row 1, data: 1 cells, but there are 2 columns"),
        ("a,b\n1,2\n3,4,5\n", "row 1, data: 3 cells, but there are 2 columns"),
        ("a,b\n1,2\n\n3,4\n", "row 1, data: 0 cells, but there are 2 columns"),
        ("1,2\n3\n", "row 1, columns: 1 cells, but row 0 has 2"),
        ("1,2\n\n3,4\n", "row 1, columns: 0 cells, but row 0 has 2"),
        ("1,2,3\n", "columns: 3 cells in a row; expected 2, in this order: a, b"),
        ("a;b\n1;2\n", "header: 'a;b' names no column of the model; separate the cells by commas"),
        (",a,b\n0,1\n", "row 0, data: 2 cells, but there are 3 columns"),
        ("a,a\n1,2\n", "b: the column is missing"),
    ],
)
def test_lines_that_make_no_table_are_named(body: str, line: str) -> None:
    assert invalid(body)[0] == line


def test_a_mark_of_the_byte_order_is_no_part_of_the_first_name() -> None:
    assert read("\ufeffa,b\n1,2") == [[1.0], [2.0]]


def test_rows_are_counted_before_they_are_read() -> None:
    assert [len(ask(body).table) for body in ("a,b\n1,2\n3,4\n", "1,2\n3,4", 'a,b\n"x\ny",1')] == [2, 2, 1]
