from pathlib import Path

import numpy as np
import pytest

from lockstep.drift.filed_bars import read_filed_bars
from lockstep.errors import InvalidInput

HEADER = "Date,Open,High,Low,Close,Adj Close,Volume"
NEWER = "2020-01-03,11,13,10,12,6,2e3"
OLDER = "2020-01-02,10,12,9,11,5.5,1000"


def write(folder: Path, *lines: str) -> Path:
    path = folder / "prices.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_bars_are_posted_as_the_file_has_them_oldest_first(tmp_path: Path) -> None:
    file = read_filed_bars(write(tmp_path, HEADER, NEWER, OLDER))
    frame = file.write_frame(slice(0, 2))
    assert frame["columns"] == ["date", "open", "high", "low", "close", "adj_close", "volume"]
    assert frame["data"] == [
        ["2020-01-02", 10.0, 12.0, 9.0, 11.0, 5.5, 1000.0],
        ["2020-01-03", 11.0, 13.0, 10.0, 12.0, 6.0, 2000.0],
    ]
    assert file.close.tolist() == [5.5, 6.0]
    assert file.find_place(np.datetime64("2020-01-03")) == 1


def test_a_file_needs_no_volume(tmp_path: Path) -> None:
    file = read_filed_bars(write(tmp_path, "Date,Open,High,Low,Close", "2020-01-02,10,12,9,11"))
    assert file.write_frame(slice(0, 1))["data"] == [["2020-01-02", 10.0, 12.0, 9.0, 11.0]]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("2020-01-03,11,13,10,x,6,1", "line 3, close"),
        ("2020-01-03,11,13,10,12,6,", "line 3, volume"),
        ("2020-01-03,11,13,10,-12,6,1", "line 3, close"),
        ("3 Jan 2020,11,13,10,12,6,1", "line 3, date"),
        ("2020-01-02,11,13,10,12,6,1", "line 3, date: 2020-01-02 is there twice"),
    ],
)
def test_bad_cells_are_named_by_their_line(tmp_path: Path, line: str, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        read_filed_bars(write(tmp_path, HEADER, OLDER, line))
