"""The four forms of `POST /predict`, and what is none of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.data.column import ColumnSchema
from lockstep.data.table import TableSchema
from lockstep.doors import predict
from lockstep.doors.door import Received
from lockstep.doors.frame import JSON_CELLS
from lockstep.errors import InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, TOO_LARGE, Kind
from lockstep.scoring.score import ScoringRequest

NUMBERS = TableSchema(tuple(ColumnSchema(name, "number", takes_missing=False) for name in ("a", "b")))
SALES = TableSchema((ColumnSchema("price", "number", takes_missing=True), ColumnSchema("town", "category", True)))
REVIEW = TableSchema((ColumnSchema("text", "text", takes_missing=False),))


def decode(body: object, max_rows: int = 1000) -> ScoringRequest:
    return predict.decode(Received(body if isinstance(body, bytes) else json.dumps(body).encode(), max_rows))


def read(body: object, schema: TableSchema) -> tuple[str, list[str] | None, list[list[Any]]]:
    request = decode(body)
    names, columns = request.table.read_columns(schema)
    return request.reply, None if names is None else list(names), [list(column) for column in columns]


def refusal(body: object) -> tuple[Kind, str]:
    with pytest.raises(RequestError) as refused:
        decode(body)
    return refused.value.kind, str(refused.value)


def invalid(body: object, schema: TableSchema = NUMBERS) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        schema.read(*decode(body).table.read_columns(schema), JSON_CELLS)
    return refused.value.lines


@pytest.mark.parametrize(
    ("body", "schema", "expected"),
    [
        ([5.9, 3], NUMBERS, ("row", None, [[5.9], [3.0]])),
        ([20.5, "Bath"], SALES, ("row", None, [[20.5], ["Bath"]])),
        ([None, "Bath"], SALES, ("row", None, [[None], ["Bath"]])),
        (["a review"], REVIEW, ("row", None, [["a review"]])),
        ([[1, 2], [3, 4]], NUMBERS, ("rows", None, [[1.0, 3.0], [2.0, 4.0]])),
        ([{"a": 1, "b": 2}, {"b": 4, "a": 3}], NUMBERS, ("records", ["a", "b"], [[1.0, 3.0], [2.0, 4.0]])),
        ({"text": "a review"}, REVIEW, ("text", ["text"], [["a review"]])),
    ],
)
def test_the_form_of_a_body_is_the_form_of_its_answer(body: object, schema: TableSchema, expected: object) -> None:
    assert read(body, schema) == expected


@pytest.mark.parametrize("body", [5.9, "text", True, None, [], [[1, 2], 3], [{"a": 1}, [2]], [{"a": 1}, 2]])
def test_any_other_body_is_answered_with_the_four_forms(body: object) -> None:
    [line] = invalid(body)
    for form in ("[5.9, 3.0, 5.1, 1.8]", "[[…], […]]", '[{"column": cell, …}]', '{"text": "…"}'):
        assert form in line


@pytest.mark.parametrize("schema", [NUMBERS, SALES])
def test_an_object_for_a_model_of_several_columns_is_answered_with_the_four_forms(schema: TableSchema) -> None:
    [line] = invalid(dict.fromkeys(schema.names, 1), schema)
    assert (
        "an object is for a model of one text, and this is none; put a record into a list; expected one of the cells"
        in line
    )


@pytest.mark.parametrize("body", [{}, {"review": "good"}, {"Text": "good"}])
def test_a_text_that_is_not_there_is_named(body: object) -> None:
    assert invalid(body, REVIEW) == ['row 0, text: the object has no such member; expected {"text": "…"}']


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"text": "good", "id": 5}, "id: unknown column; expected text"),
        ({"text": ""}, "row 0, text: the text is empty"),
        ({"text": None}, "row 0, text: the value is missing, and the model needs one"),
        ({"text": ["good"]}, 'row 0, text: ["good"] is not text; write it in quotes'),
        ({"text": 5}, "row 0, text: 5.0 is not text; write it in quotes"),
    ],
)
def test_a_text_that_is_none_is_named(body: object, line: str) -> None:
    assert invalid(body, REVIEW) == [line]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ([{"a": 1, "b": 2}, {"a": 1}], "row 1, b: the record has no such member; write null if it is missing"),
        ([{"a": 1}, {"a": 1}], "row 0, b: the record has no such member; write null if it is missing"),
        ([{"a": 1, "b": "x"}], "row 0, b: 'x' is not a number"),
        ([{"a": 1, "b": True}], "row 0, b: true is not a number"),
        ([{"a": 1, "b": 2, "c": 3}], "c: unknown column; expected a, b"),
        ([[1, 2], [3]], "row 1, columns: 1 cells, but row 0 has 2"),
        ([[]], "columns: 0 cells in a row; expected 2, in this order: a, b"),
        ([1], "columns: 1 cells in a row; expected 2, in this order: a, b"),
        ([1, None], "row 0, b: the value is missing, and the model needs one"),
        ([1, True], "row 0, b: true is not a number"),
    ],
)
def test_a_bad_record_or_cell_is_named(body: object, line: str) -> None:
    assert invalid(body)[0] == line


@pytest.mark.parametrize(
    ("body", "kind", "detail"),
    [
        (b"", EMPTY, "expected one of the cells of one row"),
        (b"[1, NaN]", MALFORMED, "not JSON"),
        (b"[1,", MALFORMED, "not JSON"),
        (b'["\xff"]', MALFORMED, "not JSON"),
        (b'{"text": "a", "text": "b"}', MALFORMED, "the member 'text' twice"),
        (b'[{"a": 1, "a": 2, "b": 3}]', MALFORMED, "the member 'a' twice"),
        (b"[" * 5000 + b"]" * 5000, MALFORMED, "nested too deeply"),
        (b"[" + b"[]," * 80_000 + b"[]]", TOO_LARGE, "more than 74000 values"),
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes, kind: Kind, detail: str) -> None:
    found, message = refusal(body)
    assert found is kind
    assert detail in message


cells = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.lists(cells, min_size=1))
def test_every_list_of_cells_is_one_row(row: list[object]) -> None:
    request = decode(row)
    assert (request.reply, len(request.table)) == ("row", 1)
    assert [column[0] for column in request.table.read_columns(NUMBERS)[1]] == row


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1)))
def test_every_list_of_lists_is_rows(rows: list[list[object]]) -> None:
    request = decode(rows)
    assert (request.reply, len(request.table)) == ("rows", len(rows))
    assert [list(row) for row in zip(*request.table.read_columns(NUMBERS)[1], strict=True)] == rows


@given(st.lists(st.fixed_dictionaries({"a": cells, "b": cells}), min_size=1))
def test_every_list_of_records_is_records(records: list[dict[str, object]]) -> None:
    names, columns = decode(records).table.read_columns(NUMBERS)
    assert decode(records).reply == "records"
    assert [dict(zip(names or (), row, strict=True)) for row in zip(*columns, strict=True)] == records
