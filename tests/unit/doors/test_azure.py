"""The body of `POST /score`, and what is none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.data.column import ColumnSchema
from lockstep.data.table import TableSchema
from lockstep.doors import azure
from lockstep.doors.door import Received
from lockstep.doors.frame import JSON_CELLS
from lockstep.doors.swagger import Scored, describe_scoring
from lockstep.errors import InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, TOO_LARGE, Kind
from lockstep.scoring.score import ScoringRequest

SCHEMA = TableSchema(tuple(ColumnSchema(name, "number", takes_missing=False) for name in ("a", "b")))


def decode(body: object, max_rows: int = 1000) -> ScoringRequest:
    return azure.decode(Received(body if isinstance(body, bytes) else json.dumps(body).encode(), max_rows))


def columns(request: ScoringRequest) -> list[list[Any]]:
    return [list(column) for column in request.table.read_columns(SCHEMA)[1]]


@pytest.mark.parametrize(("data", "expected"), [([1, 2.5], [[1], [2.5]]), ([[1, 2], [3, 4]], [[1, 3], [2, 4]])])
@pytest.mark.parametrize("method", [None, "predict", "predict_proba"])
def test_a_row_or_rows_are_read_with_their_method(data: object, expected: object, method: str | None) -> None:
    request = decode({"data": data} if method is None else {"data": data, "method": method})
    assert (columns(request), request.reply) == (expected, method or "predict")


@pytest.mark.parametrize(
    ("body", "kind", "detail"),
    [
        (b"", EMPTY, "the body is empty"),
        (b'{"data": [1, NaN]}', MALFORMED, "JSON has no NaN: write null for a missing cell"),
        ({"data": [{"a": 1, "b": 2}]}, MALFORMED, "`data` holds records, which /v1/predict takes"),
        ([1, 2], MALFORMED, "`data` is missing, or is no list"),
        ({}, MALFORMED, "`data` is missing, or is no list"),
        ({"input_data": [[1, 2]]}, MALFORMED, "`input_data` is of another endpoint: call it `data`; expected"),
        ({"Inputs": {"data": [[1, 2]]}}, MALFORMED, "`Inputs` is of another endpoint: call it `data`; expected"),
        ({"data": {"a": 1}}, MALFORMED, "`data` is missing, or is no list"),
        ({"data": None}, MALFORMED, "`data` is missing, or is no list"),
        ({"data": [1, [2, 3]]}, MALFORMED, "`data` holds both cells and rows"),
        ({"data": [1, 2], "columns": ["a", "b"]}, MALFORMED, "unknown field `columns`"),
        ({"data": [1, 2], "method": "transform"}, MALFORMED, "neither `predict` nor `predict_proba`"),
        ({"data": [1, 2], "method": None}, MALFORMED, "neither `predict` nor `predict_proba`"),
        ({"data": [1, 2], "method": ["predict"]}, MALFORMED, "neither `predict` nor `predict_proba`"),
        (b'{"data": [1, 2], "data": [3, 4]}', MALFORMED, "the member 'data' twice"),
        (b'{"data": ' + b"[" * 5000, MALFORMED, ""),
        (b'{"data": [' + b"[]," * 80_000 + b"[]]}", TOO_LARGE, "more than 74000 values"),
    ],
)
def test_what_is_no_body_is_refused(body: object, kind: Kind, detail: str) -> None:
    with pytest.raises(RequestError) as refused:
        decode(body)
    assert refused.value.kind is kind
    assert detail in str(refused.value)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ([], "data: no rows; expected at least one"),
        ([[]], "columns: 0 cells in a row; expected 2, in this order: a, b"),
        ([1], "columns: 1 cells in a row; expected 2, in this order: a, b"),
        ([[1, 2], [3]], "row 1, columns: 1 cells, but row 0 has 2"),
        ([[1, 2], [3, True]], "row 1, b: true is not a number"),
        ([1, {"a": 2}], 'row 0, b: {"a":2} is not a number'),
        ([1, None], "row 0, b: the value is missing, and the model needs one"),
    ],
)
def test_a_bad_row_or_cell_is_named(data: object, line: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        SCHEMA.read(*decode({"data": data}).table.read_columns(SCHEMA), JSON_CELLS)
    assert refused.value.lines == [line]


@pytest.mark.parametrize(
    ("row", "described"), [([1.5, 2.0], {"type": "number"}), ([1.5, "x"], {}), (["x", None], {}), ([None, 1.5], {})]
)
def test_the_description_has_a_type_only_for_cells_that_are_alike(row: list[object], described: object) -> None:
    document = describe_scoring("/score", ["predict"], Scored("sales/1", row, 2))
    posted, answered = (document["definitions"][name] for name in ("ServiceInput", "ServiceOutput"))
    assert posted["properties"]["data"]["items"]["items"] == described
    assert answered == {"type": "array", "items": {"type": "integer"}, "example": [2]}


cells = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.lists(st.tuples(cells, cells).map(list), min_size=1))
def test_every_list_of_rows_is_read_as_it_was_sent(rows: list[list[object]]) -> None:
    assert [list(row) for row in zip(*columns(decode({"data": rows})), strict=True)] == rows
    assert [column[0] for column in columns(decode({"data": rows[0]}))] == rows[0]
