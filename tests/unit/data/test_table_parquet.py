import datetime
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest
from pyarrow import parquet

from lockstep.data.table_parquet import read_table_parquet
from lockstep.errors import InvalidInput


def write(path: Path, **columns: object) -> Path:
    parquet.write_table(pa.table(columns), path)
    return path


def test_numbers_and_text_are_read_with_their_gaps(tmp_path: Path) -> None:
    town = pa.array(["York", "Bath", "York"]).dictionary_encode()
    path = write(
        tmp_path / "t.parquet", rooms=[1, None, 3], price=[0.1, float("nan"), 1e300], note=["x", None, ""], town=town
    )
    table = read_table_parquet(path)
    assert table.names == ["rooms", "price", "note", "town"]
    assert table.columns == [["1", None, "3"], ["0.1", None, "1e+300"], ["x", None, None], ["York", "Bath", "York"]]
    assert (table.numbers, table.unit) == ([0, 1, 2], "row")


def test_columns_of_other_types_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", yes=[True], day=[datetime.date(2020, 1, 1)])
    with pytest.raises(InvalidInput) as refused:
        read_table_parquet(path)
    assert refused.value.lines == [
        "yes: holds bool; expected numbers or text",
        "day: holds date32[day]; expected numbers or text",
    ]


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"t\.parquet: no rows"):
        read_table_parquet(write(tmp_path / "t.parquet", a=pa.array([], pa.float64())))


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_text("a,b")
    with pytest.raises(InvalidInput, match=r"t\.parquet: is no Parquet file"):
        read_table_parquet(tmp_path / "t.parquet")


def test_a_spoiled_file_is_refused_by_its_name_in_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", a=[0.5] * 1000)
    content = bytearray(path.read_bytes())
    middle = len(content) - 200
    content[middle : middle + 100] = b"\xff" * 100
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        read_table_parquet(path)
    [line] = refused.value.lines
    assert line.startswith("t.parquet: is no Parquet file that can be read: ")
    assert "\n" not in line


def test_a_missing_file_is_not_called_spoiled(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_table_parquet(tmp_path / "none.parquet")


def test_more_cells_than_memory_may_hold_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lockstep.data.table_parquet.MAX_CELLS", 7)
    path = write(tmp_path / "t.parquet", a=[1, 2, 3, 4], b=[1, 2, 3, 4])
    with (
        patch.object(parquet.ParquetFile, "read", side_effect=AssertionError),
        pytest.raises(InvalidInput, match=r"t\.parquet: holds 4 rows, 8 cells; at most 7 are read at once"),
    ):
        read_table_parquet(path)
