import csv
import io
import json

import pytest

from lockstep.parity.doors.csv_writer import is_of_values, write_csv
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.draws import Draws, Origin
from lockstep.parity.spelling import draw_layout

NAMES = ("date", "area", "town")
CELLS = [['"2013-03-04T00:00:00.000Z"', "1.50e1", '"a, \\"b\\"\\n"'], ["1362355200000", "null", "null"]]


def make_sheet(number: int) -> Sheet:
    draws = Draws(Origin(1, "", "wire", number))
    return Sheet(None, NAMES, CELLS, draw_layout(draws))


def test_every_form_says_the_cells_in_any_order_of_columns() -> None:
    expected = [dict(zip(NAMES, map(json.loads, row), strict=True)) for row in CELLS]
    orders = set()
    for number in range(40):
        sheet = make_sheet(number).shuffle()
        orders.add(sheet.names)
        assert json.loads(sheet.write_records()) == expected
        assert [dict(zip(sheet.names, row, strict=True)) for row in json.loads(sheet.write_rows())] == expected
    assert len(orders) > 3


def test_dates_become_days_that_every_reader_knows() -> None:
    assert make_sheet(0).name_days().columns[0] == ('"2013-03-04"',) * 2


@pytest.mark.parametrize("has_header", [True, False])
def test_lines_of_csv_hold_the_cells_as_they_are_spelled(has_header: bool) -> None:
    seen = set()
    for number in range(200):
        sheet = make_sheet(number).name_days()
        text = write_csv(sheet, sheet.layout.draws, has_header=has_header)
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        header = lines.pop(0) if has_header else list(NAMES)
        indexed = header[0] == ""
        assert [line[indexed:] for line in lines] == [["2013-03-04", "1.50e1", 'a, "b"\n'], ["2013-03-04", "", ""]]
        seen.add((indexed, "\r\n" in text, '"2013-03-04"' in text, text.endswith("\n")))
    assert len(seen) == (16 if has_header else 8)


def test_a_row_with_a_text_may_be_taken_for_a_header() -> None:
    sheet = make_sheet(0)
    assert not is_of_values(sheet)
    assert is_of_values(sheet.arrange([0, 1]))
