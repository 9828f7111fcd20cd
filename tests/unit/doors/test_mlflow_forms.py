import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.data.bars import DATE
from lockstep.data.schema import BarsSchema
from lockstep.data.table import TableSchema
from lockstep.doors.door import Received
from lockstep.doors.mlflow.door import decode
from lockstep.errors import InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, TOO_LARGE, Kind
from lockstep.scoring.score import ANY_KIND, ScoringRequest

SPLIT = {"columns": ["a", "b"], "data": [[1, "x"], [None, "y"]]}
RECORDS = [{"a": 1, "b": "x"}, {"a": None, "b": "y"}]
ROWS = [[1, "x"], [None, "y"]]
COLUMNS = {"a": [1, None], "b": ["x", "y"]}
CELLS = [[1.0, None], ["x", "y"]]


def ask(body: object, **names: str) -> ScoringRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode(Received(raw, 1000, names=names))


def columns(body: object) -> tuple[list[str] | None, list[list[object]]]:
    names, cells = ask(body).table.read_columns(TableSchema(()))
    return None if names is None else list(names), [list(column) for column in cells]


def refusal(body: object) -> tuple[Kind, str]:
    with pytest.raises(RequestError) as refused:
        ask(body)
    return refused.value.kind, str(refused.value)


def invalid(body: object) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        columns(body)
    return refused.value.lines


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": SPLIT},
        {"dataframe_split": {**SPLIT, "index": [7, 8]}},
        {"dataframe_records": RECORDS},
        {"instances": RECORDS},
        {"inputs": RECORDS},
        {"instances": COLUMNS},
        {"inputs": COLUMNS},
        {"inputs": COLUMNS, "params": None, "instances": None},
    ],
)
def test_named_forms_give_names_and_cells(body: object) -> None:
    assert columns(body) == (["a", "b"], CELLS)
    assert len(ask(body).table) == 2


@pytest.mark.parametrize("form", ["instances", "inputs"])
def test_lists_are_rows_without_names_and_single_cells_are_rows_of_one(form: str) -> None:
    assert columns({form: ROWS}) == (None, CELLS)
    assert columns({form: [1, "x", None]}) == (None, [[1.0, "x", None]])
    assert columns({form: {"a": 1, "b": "x"}}) == (["a", "b"], [[1.0], ["x"]])


def test_the_literal_nan_is_a_missing_cell_and_a_text_of_it_is_a_text() -> None:
    body = b'{"inputs": [[NaN, "NaN", "a \\" NaN, \\\\"],[1,NaN,"N"]], "params": {"model": "NaN"}}'
    assert columns(body) == (None, [[None, 1.0], ["NaN", None], ['a " NaN, \\', "N"]])
    assert ask(body).model == "NaN"


@settings(deadline=None)
@given(st.lists(st.lists(st.one_of(st.none(), st.floats(), st.text('aN"\\,[', max_size=6)), min_size=2, max_size=2)))
def test_every_cell_beside_a_nan_is_as_pythons_json_reads_it(rows: list[list[Any]]) -> None:
    body = json.dumps({"inputs": [["a", float("nan")], *rows]})
    if "Infinity" in body:
        assert refusal(body.encode())[0] is MALFORMED
        return
    read = json.loads(body)["inputs"]
    expected = [None if isinstance(cell, float) and math.isnan(cell) else cell for row in read for cell in row]
    _, [first, second] = columns(body.encode())
    assert repr([cell for pair in zip(first, second, strict=True) for cell in pair]) == repr(expected)


@pytest.mark.parametrize("part", [b'"', b'\\"', b"N", b"NaN", b'"\\', b'""', b"NaNN"])
def test_a_long_body_that_is_no_json_is_refused_at_once(part: bytes) -> None:
    assert refusal(b"NaN" + part * 60_000)[0] is MALFORMED  # read once for each part it takes minutes


def test_options_are_in_params() -> None:
    params = {"model": "iris", "version": "champion", "symbol": "X", "history": "none"}
    asked = ask({"inputs": ROWS, "params": params})
    assert {name: getattr(asked, name) for name in params} == params
    assert (asked.kinds, asked.reply) == (ANY_KIND, "application/json")
    assert ask({"inputs": ROWS}).history == "stored"


def test_a_model_in_the_path_is_the_one_that_is_asked() -> None:
    assert ask({"inputs": ROWS}, model="iris").model == "iris"
    assert ask({"inputs": ROWS, "params": {"model": "iris"}}, model="iris").model == "iris"
    with pytest.raises(InvalidInput, match="the path names the model 'iris', and `params` 'wine'"):
        ask({"inputs": ROWS, "params": {"model": "wine"}}, model="iris")


def test_dates_are_those_of_the_index_or_of_a_column() -> None:
    bars = BarsSchema(None, "prices")
    frame = {"columns": ["open"], "data": [[1.0]], "index": ["2013-03-04T00:00:00"]}
    for body in ({"dataframe_split": frame}, {"inputs": {"open": [1.0], "date": ["2013-03-04T00:00:00"]}}):
        names, cells = ask(body).table.read_columns(bars)
        assert (list(names or ()), [list(column) for column in cells]) == (
            ["open", DATE],
            [[1.0], ["2013-03-04T00:00:00"]],
        )


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "rows in 0 forms; expected exactly one of"),
        ({"params": {}}, "rows in 0 forms"),
        ({"dataframe_split": SPLIT, "inputs": ROWS}, "rows in 2 forms"),
        ({"inputs": ROWS, "signature_name": "x"}, "unknown field `signature_name`; the members are `dataframe_split`,"),
        ({"inputs": ROWS, "params": {"temperature": 1}}, "unknown field `temperature` - at `$.params`"),
        ({"inputs": ROWS, "params": 5}, "`$.params`. Expected"),
        ({"inputs": ROWS, "params": {"history": "all"}}, "Invalid enum value 'all'"),
        ({"inputs": [[1], {"a": 1}]}, "the list holds rows of several forms"),
        ({"inputs": [1, [1]]}, "the list holds rows of several forms"),
        ({"inputs": {"a": [1], "b": 2}}, "some columns are lists and others cells"),
        ({"inputs": 5}, "Expected `object | array | null`"),
        (ROWS, "Expected `object`, got `array`"),
        (b'{"inputs": [[1, Infinity]]}', "the body is not JSON"),
        (b'{"inputs": [[NaNN]]}', "the body is not JSON"),
        (b'{"inputs": [[1]], "inputs": [[2]]}', "the member 'inputs' twice"),
        (b'{"inputs": {"a": [NaN], "a": [2]}}', "the member 'a' twice"),
        (b'{"inputs": [[1]], "params": {"model": "a", "model": "b"}}', "the member 'model' twice"),
        (b'{"dataframe_records": [{"a": 1, "a": 3}]}', "the member 'a' twice"),
        (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_form_is_refused(body: object, detail: str) -> None:
    kind, message = refusal(body)
    assert kind is MALFORMED
    assert detail in message


def test_an_empty_body_is_refused_as_empty() -> None:
    assert refusal(b"")[0] is EMPTY


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"inputs": []}, "data: no rows; expected at least one"),
        ({"inputs": {}}, "data: no rows; expected at least one"),
        ({"inputs": {"a": []}}, "data: no rows; expected at least one"),
        ({"dataframe_records": []}, "data: no rows; expected at least one"),
        ({"inputs": {"a": [1, 2], "b": [1]}}, "b: 1 cells, but another column has 2"),
        ({"inputs": {"a": [1, 2], "b" * 999: [1]}}, "b" * 40 + ": 1 cells, but another column has 2"),
        ({"inputs": [[1, 2], [1]]}, "row 1, columns: 1 cells, but row 0 has 2"),
    ],
)
def test_rows_that_make_no_table_are_named(body: object, line: str) -> None:
    assert invalid(body) == [line]


@pytest.mark.parametrize("cell", [True, [1], {"x": 1}])
@pytest.mark.parametrize(
    "make",
    [
        lambda cell: {"dataframe_split": {"columns": ["a"], "data": [[1], [cell]]}},
        lambda cell: {"dataframe_records": [{"a": 1}, {"a": cell}]},
        lambda cell: {"inputs": [[1], [cell]]},
        lambda cell: {"inputs": {"a": [1, cell]}},
    ],
)
def test_a_cell_that_is_no_cell_keeps_its_place(make: Any, cell: object) -> None:
    assert columns(make(cell))[1] == [[1, json.dumps(cell, separators=(",", ":"))]]


def test_more_values_than_the_rows_can_have_are_refused_before_they_are_made() -> None:
    kind, message = refusal(b'{"inputs": [' + b",".join([b"[]"] * 80_000) + b"]}")
    assert (kind, "more than 74000 values" in message) == (TOO_LARGE, True)
