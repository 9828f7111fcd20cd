"""Bodies as people send them by mistake: each is refused with the line that sends the right one."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from lockstep.data.near import MAX_COMPARED, find_missing
from lockstep.data.schema import BarsSchema
from lockstep.doors import backtest, plain, table, v1
from lockstep.doors.door import Received
from lockstep.doors.frame import JSON_CELLS
from lockstep.errors import InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import MALFORMED

PRICES = pd.DataFrame(
    {"Open": [1.5, 2.5], "High": [2.0, 3.0], "Low": [1.0, 2.0], "Close": [1.5, 2.5], "Volume": [5.0, 6.0]},
    pd.DatetimeIndex(["2013-03-01", "2013-03-04"], name="Date"),
)
SPLIT = 'in pandas, send prices.to_json(orient="split")'
DECODERS = [plain.decode, v1.decode]
Decode = Callable[[Received], object]


def refuse(decode: Decode, body: object) -> str:
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    with pytest.raises(RequestError) as refused:
        decode(Received(content, 1_000))
    assert refused.value.kind is MALFORMED
    return str(refused.value)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize("orient", ["columns", "records", "index", "values", "table"])
def test_another_orientation_of_pandas_is_named_with_the_line_that_sends_the_right_one(
    decode: Decode, orient: str
) -> None:
    frame = PRICES.reset_index() if orient == "records" else PRICES
    body = frame.to_json(orient=orient, date_format="iso")
    assert refuse(decode, body) == f"the frame is oriented by {orient}; expected orient='split': {SPLIT}"
    lists = PRICES.reset_index(drop=True).to_dict(orient="list")
    assert refuse(decode, lists).startswith("the frame is oriented by column lists; expected orient='split'")
    decode(Received(PRICES.to_json(orient="split", date_format="iso").encode(), 1_000))


def test_another_orientation_inside_a_member_is_named_as_well() -> None:
    body = {"dataframe_split": PRICES.reset_index(drop=True).to_dict(orient="records")}
    assert refuse(v1.decode, body).startswith("the frame is oriented by records; expected orient='split'")


NO_JSON = {
    "form": (b"columns=open&columns=close&data=1", "it is a form: with requests, send json=body, or data=text"),
    "Python": (
        str({"columns": ["open"], "data": [[None]]}).encode(),
        "it is written as Python shows it: send json.dum",
    ),
    "None": (b'{"columns": ["open"], "data": [[None]]}', "it is written as Python shows it"),
    "CSV": (PRICES.to_csv().encode(), f"it is CSV: {SPLIT}"),
    "NaN": (b'{"columns": ["open"], "data": [[NaN]]}', "JSON has no NaN: write null for a missing cell"),
}


@pytest.mark.parametrize("case", list(NO_JSON))
@pytest.mark.parametrize("decode", DECODERS)
def test_what_is_no_json_is_named_if_it_is_known(decode: Decode, case: str) -> None:
    body, hint = NO_JSON[case]
    detail = refuse(decode, body)
    assert detail.startswith("the body is not JSON: ")
    assert f"; {hint}" in detail


@pytest.mark.parametrize("body", [b"{", b"[1,", b'{"a": 1', b"\xff\xfe"])
def test_nothing_is_guessed_about_other_bodies(body: bytes) -> None:
    assert ";" not in refuse(v1.decode, body)


@pytest.mark.parametrize("decode", [*DECODERS, backtest.decode, table.decode])
def test_json_that_was_encoded_twice_is_named(decode: Decode) -> None:
    body = json.dumps(json.dumps({"columns": ["open"], "data": [[1.0]]}))
    hint = "; the body is a text that was encoded to JSON once more: with requests, send data=text, not json=text"
    assert hint in refuse(decode, body)


FRAME = {"columns": ["open"], "data": [[1.0]]}
MEMBERS = [
    (v1.decode, {"level": 80}, "`level` is a list of whole percents, such as [80]"),
    (v1.decode, {"level": ["80"]}, "`level` is a list of whole percents, such as [80]"),
    (v1.decode, {"levels": [80]}, "unknown field `levels`; a member is called `level`"),
    (v1.decode, {"dataframe_records": [{"open": 1.0}]}, f"a member is called `dataframe_split`: {SPLIT}"),
    (v1.decode, {"version": 1.5}, '`version` is a number or an alias, such as 2 or "champion"'),
    (v1.decode, {"history": "all"}, '`history` is "stored" or "none"'),
    (v1.decode, {"colour": 1}, "unknown field `colour`"),
    (backtest.decode, {"n_windows": 1.5}, "`n_windows` is a whole number, 1 or more"),
    (backtest.decode, {"first": "1.2.2013"}, "`first` is a date such as 2013-03-01"),
    (plain.decode, {"level": [80]}, "`level` is a member of POST /v1/forecast; this route takes `columns`, `data` and"),
]


@pytest.mark.parametrize("decode", [*DECODERS, table.decode])
@pytest.mark.parametrize("row", [["2013-03-04", 24.66], [1.0], [{"open": 1.0}]])
def test_a_row_without_its_brackets_is_answered_with_them(decode: Decode, row: list[object]) -> None:
    frame = {"columns": ["date", "open"][: len(row)], "data": row}
    body = {"dataframe_split": frame} if decode is table.decode else frame
    assert "`data` holds no rows; a row is a list of cells: write one row as [[…]]" in refuse(decode, body)


@pytest.mark.parametrize(("decode", "member", "expected"), MEMBERS)
def test_a_wrong_member_is_answered_with_what_it_is(decode: Decode, member: dict[str, object], expected: str) -> None:
    detail = refuse(decode, {**FRAME, **member})
    assert expected in detail
    assert detail.count(";") <= 1


def read(schema: BarsSchema, **changed: object) -> list[str]:
    cells = {name.lower(): column.tolist() for name, column in PRICES.items()} | {"date": ["2013-03-01", "2013-03-04"]}
    cells |= changed
    kept = {name: column for name, column in cells.items() if column is not None}
    with pytest.raises(InvalidInput) as refused:
        schema.read(list(kept), list(kept.values()), JSON_CELLS)
    return refused.value.lines


def test_a_missing_column_is_named_with_the_unknown_name_that_was_sent() -> None:
    schema = BarsSchema(None, "prices")
    near = read(schema, close=None, closing=[1.5, 2.5])
    assert near[0] == "close: the column is missing; 'closing' was sent, which is unknown"
    other = read(schema, close=None, x=[1.0, 1.0], y=[1.0, 1.0])
    assert other[0] == "close: the column is missing; unknown are 'x', 'y'"
    assert read(schema, close=None) == ["close: the column is missing"]


def test_a_number_in_quotes_is_named_in_json() -> None:
    schema = BarsSchema(None, "prices")
    assert read(schema, close=["1.5", 2.5]) == ["row 0, close: '1.5' is not a number; write it without quotes"]
    assert read(schema, close=["1_5", 2.5]) == ["row 0, close: '1_5' is not a number"]
    assert read(schema, close=["inf", 2.5]) == ["row 0, close: 'inf' is not a number"]


def test_only_the_first_few_names_are_compared() -> None:
    problems = find_missing([f"column{i}" for i in range(500)], (f"colum{i}" * 10_000 for i in range(10**6)))
    assert len(problems) == 500
    assert all(len(problem.reason) < 200 for problem in problems)
    assert {problem.reason for problem in problems[MAX_COMPARED:]} == {"the column is missing"}
    assert np.mean(["was sent" in problem.reason for problem in problems[:3]]) < 1.0
