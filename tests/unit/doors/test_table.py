import json
from typing import Any

import pytest

from lockstep.data.cells import NoCell
from lockstep.data.table import TableSchema
from lockstep.doors import table
from lockstep.doors.door import Received
from lockstep.errors import InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import EMPTY, MALFORMED, TOO_LARGE, Kind
from lockstep.scoring.score import ScoringRequest

SPLIT = {"columns": ["a", "b"], "data": [[1, "x"], [None, "y"]]}
RECORDS = [{"a": 1, "b": "x"}, {"b": "y", "a": None}]
NAMED = (["a", "b"], [[1.0, None], ["x", "y"]])


def decode(body: object, max_rows: int = 1000) -> ScoringRequest:
    return table.decode(Received(body if isinstance(body, bytes) else json.dumps(body).encode(), max_rows))


def columns(body: object) -> tuple[list[str] | None, list[list[object]]]:
    names, cells = decode(body).table.read_columns(TableSchema(()))
    return None if names is None else list(names), [list(column) for column in cells]


def refusal(body: object) -> tuple[Kind, str]:
    with pytest.raises(RequestError) as refused:
        decode(body)
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
        RECORDS,
    ],
)
def test_named_forms_give_names_and_cells(body: object) -> None:
    assert columns(body) == NAMED
    assert len(decode(body).table) == 2


def test_instances_are_rows_without_names() -> None:
    assert columns({"instances": [[1, "x"], [None, "y"]]}) == (None, NAMED[1])


def test_a_bare_list_of_cells_is_one_row() -> None:
    assert columns([5.1, "x", None]) == (None, [[5.1], ["x"], [None]])


@pytest.mark.parametrize("rows", [{"dataframe_split": SPLIT}, {"dataframe_records": RECORDS}, {"instances": [[1]]}])
def test_options_stand_beside_the_rows(rows: dict[str, Any]) -> None:
    asked = decode({**rows, "model": "iris", "version": "champion", "trace": "values"})
    assert (asked.model, asked.version, asked.trace) == ("iris", "champion", "values")


def test_an_empty_body_is_refused_as_empty() -> None:
    assert refusal(b"")[0] is EMPTY


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "rows in 0 forms; expected one of"),
        ({"dataframe_split": SPLIT, "instances": [[1]]}, "rows in 2 forms"),
        ([[1, 2]], "the list holds lists; put them into `instances`"),
        ([1, {"a": 2}], "the list holds cells and records"),
        ({"instances": [[1]], "history": "none"}, "unknown field `history`; the members are `dataframe_split`,"),
        ({"instances": [[1]], "models": "x"}, "unknown field `models`; a member is called `model`"),
        ({"instances": [1, 2]}, "`instances` holds cells, not rows; write one row as [[…]]. Expected one of"),
        ({"instances": [{"a": 1}]}, "`instances` holds records; put them into `dataframe_records`. Expected one of"),
        ({"instances": 5}, "Expected `array"),
        ({"dataframe_records": [5]}, "Expected `object"),
        ("5.1", "Expected `object"),
        (b"[1, NaN]", "the body is not JSON"),
        (b'[{"a": 1, "b": 2, "a": 3}]', "an object of the body has the member 'a' twice"),
        (b'{"dataframe_records": [{"a": ":", "a": 3}]}', "an object of the body has the member 'a' twice"),
        (b'[{"a": 1, "a": 3}]', "an object of the body has the member 'a' twice"),
        (b'{"instances": [[1]], "instances": [[2]]}', "an object of the body has the member 'instances' twice"),
        (
            b'{"dataframe_split": {"columns": ["a"], "data": [[1]], "data": [[2]]}, "model": "x"}',
            "an object of the body has the member 'data' twice",
        ),
        (b'{"instances": [[1]], "version": 1, "version": null}', "the member 'version' twice"),
        (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b'[{"a": ' + b"[" * 600 + b"]" * 600 + b"}]", ""),
    ],
)
def test_what_is_no_form_is_refused(body: object, detail: str) -> None:
    if detail:
        kind, message = refusal(body)
        assert kind is MALFORMED
        assert detail in message
    else:
        assert columns(body)[0] == ["a"]  # the cell is text, which the Schema refuses by row and column


@pytest.mark.parametrize(
    ("body", "is_form"),
    [
        ({"instances": [[1]], "models": "x"}, False),
        ({"dataframe_split": {"column": ["a"]}}, True),
        ({"level": 5}, True),
    ],
)
def test_the_form_of_rows_is_stated_unless_another_member_is_unknown(body: object, is_form: bool) -> None:
    _, message = refusal(body)
    assert message.endswith("a missing cell is null") is is_form
    assert ("Expected one of" in message) is is_form


@pytest.mark.parametrize("text", ["a:b", '{"a": 1, "a": 2}'])
def test_a_colon_inside_a_text_is_no_member(text: str) -> None:
    assert columns([{"a": text}]) == (["a"], [[text]])


def test_a_record_without_a_member_is_named() -> None:
    assert invalid([{"a": 1}, {"a": 2, "b": 3}, {"b": 4}]) == [
        "row 0, b: the record has no such member; write null if it is missing",
        "row 2, a: the record has no such member; write null if it is missing",
    ]


def test_records_that_have_nothing_in_common_have_one_problem_each() -> None:
    n_records = 20_000  # with one problem for each missing member there would be 400 million
    with pytest.raises(InvalidInput) as refused:
        columns([{f"member {record}": 1} for record in range(n_records)])
    assert refused.value.total == n_records
    assert refused.value.lines[0].startswith("row 0, member 1: the record has no such member")
    assert refused.value.lines[0].endswith("(and 19998 others)")


def test_the_repeated_member_of_a_large_object_is_found_at_once() -> None:
    members = ", ".join(f'"member {place}": 1' for place in range(60_000))  # compared in pairs it takes minutes
    body = f'[{{{members}, "member 59999": 2}}]'.encode()
    with pytest.raises(RequestError, match="'member 59999' twice"):
        decode(body, 20_000)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ([], "data: no rows; expected at least one"),
        ({"instances": []}, "data: no rows; expected at least one"),
        ({"dataframe_split": {"columns": ["a"], "data": []}}, "data: no rows; expected at least one"),
        ({"instances": [[1, 2], [1]]}, "row 1, columns: 1 cells, but row 0 has 2"),
        ({"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}, "row 0, data: 2 cells, but there are 1 columns"),
    ],
)
def test_rows_that_make_no_table_are_named(body: object, line: str) -> None:
    assert invalid(body) == [line]


@pytest.mark.parametrize("row", [2, "b", None])
def test_a_row_that_is_no_list_is_no_cell_of_the_only_column(row: object) -> None:
    [[first, second]] = columns({"dataframe_split": {"columns": ["a"], "data": [[1], row]}})[1]
    assert (first, second, isinstance(second, NoCell)) == (1, json.dumps(row), True)


@pytest.mark.parametrize("cell", [True, [1], {"x": 1}])
@pytest.mark.parametrize("form", ["split", "records", "instances", "bare records"])
def test_a_cell_that_is_no_cell_keeps_its_place(form: str, cell: object) -> None:
    bodies = {
        "split": {"dataframe_split": {"columns": ["a"], "data": [[1], [cell]]}},
        "records": {"dataframe_records": [{"a": 1}, {"a": cell}]},
        "instances": {"instances": [[1], [cell]]},
        "bare records": [{"a": 1}, {"a": cell}],
    }
    assert columns(bodies[form])[1] == [[1, json.dumps(cell, separators=(",", ":"))]]


@pytest.mark.parametrize(
    "body",
    [
        b'{"instances": [' + b",".join([b"[]"] * 80_000) + b"]}",
        b"[" + b",".join([b"{}"] * 80_000) + b"]",
        b"[" + b",".join([b"1"] * 80_000) + b"]",
    ],
)
def test_more_values_than_the_rows_can_have_are_refused_before_they_are_made(body: bytes) -> None:
    with pytest.raises(RequestError, match="more than 74000 values") as refused:
        table.decode(Received(body, 1000))
    assert refused.value.kind is TOO_LARGE


def test_one_wide_row_fits_however_few_rows_are_allowed() -> None:
    body = {"columns": [f"c{place}" for place in range(4000)], "data": [[1.0] * 4000]}
    assert len(decode({"dataframe_split": body}, max_rows=1).table) == 1
