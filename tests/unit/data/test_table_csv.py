import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lockstep.data.bits import same_bits
from lockstep.data.column import ColumnSchema
from lockstep.data.table import TableSchema
from lockstep.data.table_csv import KeyedRows, parse_rows, parse_table_csv, read_table_csv, write_rows
from lockstep.data.table_parquet import read_table_parquet
from lockstep.doors.frame import JSON_CELLS
from lockstep.errors import InvalidInput

MIXED = TableSchema(
    (
        ColumnSchema("width", "number", takes_missing=True),
        ColumnSchema("petals", "integer", takes_missing=True),
        ColumnSchema("note", "text", takes_missing=True),
    )
)
finite = st.one_of(st.none(), st.floats(-1e30, 1e30))
whole = st.one_of(st.none(), st.integers(1 - 2**53, 2**53 - 1).map(float), st.just(-0.0))
text = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))


@given(st.lists(st.tuples(finite, whole, text), min_size=1, max_size=20))
@example([(None, -0.0, "\r"), (5e-324, None, 'a "b", c\n'), (0.1, 3.0, None)])
def test_rows_come_back_to_the_bit(cells: list[tuple[float | None, float | None, str | None]]) -> None:
    rows = MIXED.read(None, list(zip(*cells, strict=True)), JSON_CELLS)
    keyed = KeyedRows([str(7 * row) for row in range(len(cells))], rows)
    back = parse_rows(write_rows(keyed), "rows.csv", MIXED)
    assert back.row_ids == keyed.row_ids
    for was, now in zip(rows.columns[:2], back.rows.columns[:2], strict=True):
        assert same_bits(was, now).all()
    assert back.rows.columns[2].tolist() == rows.columns[2].tolist()


def test_keys_stand_before_the_columns_of_the_schema() -> None:
    rows = MIXED.read(None, [(1.5, None), (3.0, 4.0), ("a, b", None)], JSON_CELLS)
    written = write_rows(KeyedRows(["k1", "k2"], rows))
    assert written == 'row_id,width,petals,note\nk1,1.5,3.0,"a, b"\nk2,,4.0,\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("row_id,width\n1,2\n", "expected the columns row_id, width, petals, note"),
        ("row_id,width,petals,note\n1,2,3,x\n1,2,3,x\n", "a key is missing, or there twice"),
        ("row_id,width,petals,note\n,2,3,x\n", "a key is missing, or there twice"),
        ("row_id,width,petals,note\n1,2,3.5,x\n", "line 2, petals: 3.5 is not a whole number"),
    ],
)
def test_other_rows_are_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse_rows(text, "rows.csv", MIXED)


def test_an_empty_cell_is_missing() -> None:
    table = parse_table_csv('a,b\r\n1,\r\n,"x, y"\r\n', "t.csv")
    assert (table.names, table.columns) == (["a", "b"], [["1", None], [None, "x, y"]])
    assert (table.numbers, table.unit, len(table)) == ([2, 3], "line", 2)


def test_the_line_of_a_bad_cell_is_that_of_the_file() -> None:
    table = parse_table_csv('width,petals,note\n1,3,"two\nlines"\n\n2,3.5,x\n', "t.csv")
    with pytest.raises(InvalidInput, match=r"line 5, petals: 3\.5 is not a whole number"):
        table.read(MIXED)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv: no rows; expected a header and a line for each row"),
        ("a,b\n", "t.csv: no rows; expected a header and a line for each row"),
        ("a,b\n1,2\n3\n", "line 3: 1 cells, but the header has 2"),
        ("a,,a\n1,2,3\n", r"t\.csv: column 2 has no name(?!;)"),
        (
            ",a\n0,1\n",
            r"t\.csv: column 1 has no name; for an index that pandas wrote, write the file with index=False; "
            r'to leave the first column out, in pandas: pd\.read_csv\("t\.csv", index_col=0, .*\)\.to_csv',
        ),
        ("a,b,a\n1,2,3\n", "a: the column is there more than once"),
        (
            "a;b\n1,5;2\n",
            r"t\.csv: the header is separated by semicolons; expected commas; to write commas, in pandas: "
            r'pd\.read_csv\("t\.csv", sep=";", .*\)\.replace\(dict\.fromkeys\(\["a"\], .*\)\.to_csv\("t\.clean\.csv", ',
        ),
        ("a\tb\n1\t2\n", "t.csv: the header is separated by tabs"),
    ],
)
def test_what_is_no_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse_table_csv(text, "t.csv")


def test_a_file_may_have_a_byte_order_mark_and_has_to_be_utf8(tmp_path: Path) -> None:
    (tmp_path / "marked.csv").write_text("\ufeffa,b\n1,ü\n", encoding="utf-8")
    (tmp_path / "latin.csv").write_bytes("a,b\n1,ü\n".encode("latin-1"))
    assert read_table_csv(tmp_path / "marked.csv").column("b") == ["ü"]
    with pytest.raises(InvalidInput, match=r"^line 2, latin\.csv: is no UTF-8 text; if it is latin-1, write it as"):
        read_table_csv(tmp_path / "latin.csv")


CLEAN = [["1.5", "-2", "1234.25", None], ["NA", "007", "1,5 or 2", "ü"]]


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        ("price;note\n1,5;NA\n-2;007\n1.234,25;1,5 or 2\n;ü\n", "utf-8"),
        (";price;note\n0;1,5;NA\n1;-2;007\n2;1.234,25;1,5 or 2\n3;;ü\n", "latin-1"),
        (',price,note\n0,1.5,NA\n1,-2,007\n2,1234.25,"1,5 or 2"\n3,,ü\n', "utf-8"),
        ("price\tnote\n1,5\tNA\n-2\t007\n1.234,25\t1,5 or 2\n\tü\n", "utf-16"),
    ],
)
def test_the_line_of_pandas_writes_a_table_that_is_read(
    written: str, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("../t.csv").write_text(written, encoding)
    with pytest.raises(InvalidInput) as refused:
        read_table_csv(Path("../t.csv"))
    exec(refused.value.advice.partition(", in pandas: ")[2], {"pd": pd})  # noqa: S102 -- the line that the message gives
    read = read_table_csv(tmp_path / "t.clean.csv")
    assert (read.names, read.columns) == (["price", "note"], CLEAN)


def test_text_that_is_no_csv_is_refused_by_its_encoding_first(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n\xfc," + b"x" * 200_000)
    with pytest.raises(InvalidInput, match=r"^line 2, t\.csv: is no UTF-8 text; "):
        read_table_csv(tmp_path / "t.csv")


def test_a_column_is_left_out() -> None:
    table = parse_table_csv("a,b,c\n1,2,3\n", "t.csv").without("b")
    assert (table.names, table.columns) == (["a", "c"], [["1"], ["3"]])


def test_parquet_without_pyarrow_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInput, match=r"reading Parquet needs pyarrow; run: .* -m pip install pyarrow"):
        read_table_parquet(tmp_path / "t.parquet")


def test_missing_numbers_are_nan_and_missing_text_is_none() -> None:
    width, _, note = parse_table_csv("width,petals,note\n,3,\n", "t.csv").read(MIXED).columns
    assert (np.isnan(width).tolist(), note.tolist()) == ([True], [None])


def test_a_quote_that_is_not_closed_hides_no_rows() -> None:
    with pytest.raises(InvalidInput, match="unexpected end of data"):
        parse_table_csv('size,note\n1,"a\n2,b\n3,c\n', "rows.csv")
