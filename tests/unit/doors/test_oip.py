"""Requests of the Open Inference Protocol: from bytes to columns, or to a refusal that names what cannot be right."""

import json
import math
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.data.column import ColumnSchema
from lockstep.data.schema import BarsSchema
from lockstep.data.table import TableRows, TableSchema
from lockstep.doors.door import Received
from lockstep.doors.oip.door import DOOR
from lockstep.errors import MAX_SOUGHT, InvalidInput
from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import BAD_REQUEST, EMPTY, MALFORMED, TOO_LARGE, Kind
from lockstep.scoring.score import Schema, ScoringRequest
from tests.tensors import HEADER, Body, Input, join, octets_of, tensor, write_binary, write_json

SCHEMA = TableSchema(
    (
        ColumnSchema("price", "number", takes_missing=True),
        ColumnSchema("rooms", "integer", takes_missing=False),
        ColumnSchema("town", "category", takes_missing=True),
    )
)
NUMBERS = TableSchema(tuple(ColumnSchema(name, "number", takes_missing=True) for name in "abc"))
BARS = BarsSchema(None, "prices")
ROWS = (tensor("price", [1.5, 2.5]), tensor("rooms", [3, 4], "INT64"), tensor("town", ["York", "Hull"], "BYTES"))
MAX_BYTES = 4 * 2**20
MAX_ROWS, N_TEXTS = 20_000, 30
WIDE = TableSchema(tuple(ColumnSchema(f"c{place}", "number", takes_missing=True) for place in range(60)))
TEXTS = TableSchema(tuple(ColumnSchema(f"c{place}", "text", takes_missing=True) for place in range(N_TEXTS)))
MAX_PEAK = 64 * 2**20
"""A frame of as many texts as `short texts` takes 45 MB."""


def decode(body: Body | bytes, max_rows: int = 1000) -> ScoringRequest:
    data, headers = (body, {}) if isinstance(body, bytes) else body
    lower = {name.lower(): value for name, value in headers.items()}
    return DOOR.decode(Received(data, max_rows, headers=lower, names={"model": "sales"}))


def read(body: Body | bytes, schema: Schema = SCHEMA) -> Any:
    request = decode(body)
    names, columns = request.table.read_columns(schema)
    return schema.read(names, columns, request.reader)  # type: ignore[arg-type] # bars have names


def cells(body: Body, schema: Schema = SCHEMA) -> list[list[Any]]:
    rows = read(body, schema)
    assert isinstance(rows, TableRows)
    return [column.tolist() for column in rows.columns]


def refusal(body: Body | bytes, max_rows: int = 1000) -> tuple[Kind, str]:
    with pytest.raises(RequestError) as refused:
        decode(body, max_rows)
    return refused.value.kind, str(refused.value)


def invalid(body: Body | bytes, schema: Schema = SCHEMA) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        read(body, schema)
    return refused.value.lines


def change(place: int, **members: Any) -> list[Input]:
    """Return the inputs with members of one of them changed; None leaves one out."""
    changed = {**ROWS[place], **members}
    told = {name: value for name, value in changed.items() if value is not None}
    return [told if each is ROWS[place] else each for each in ROWS]


@pytest.mark.parametrize("write", [write_json, write_binary])
@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_a_tensor_for_each_column_is_a_table_in_any_order(write: Any, shape: list[int]) -> None:
    inputs = [{**each, "shape": shape} for each in reversed(ROWS)]
    assert cells(write(*inputs)) == [[1.5, 2.5], [3.0, 4.0], ["York", "Hull"]]


@pytest.mark.parametrize("write", [write_json, write_binary])
@pytest.mark.parametrize(("data", "shape"), [([[1, 2, 3], [4, 5, 6]], [2, 3]), ([1, 2, 3, 4, 5, 6], [2, 3])])
@pytest.mark.parametrize("datatype", ["FP64", "FP32", "INT64", "INT8", "UINT64"])
def test_a_matrix_is_a_table_in_the_order_of_the_schema(
    write: Any, data: list[Any], shape: list[int], datatype: str
) -> None:
    assert cells(write(tensor("input-0", data, datatype, shape)), NUMBERS) == [[1, 4], [2, 5], [3, 6]]


@pytest.mark.parametrize("write", [write_json, write_binary])
def test_a_matrix_may_hold_texts(write: Any) -> None:
    schema = TableSchema(tuple(ColumnSchema(name, "text", takes_missing=False) for name in "abc"))
    body = write(tensor("x", [["r", "s", "t"], ["u", "v", "w"]], "BYTES", [2, 3]))
    assert cells(body, schema) == [["r", "u"], ["s", "v"], ["t", "w"]]


def test_a_matrix_of_one_row_may_have_the_name_of_a_column() -> None:
    assert cells(write_json(tensor("a", [1.0, 2.0, 3.0], shape=[1, 3])), NUMBERS) == [[1], [2], [3]]


def test_tensors_in_json_and_as_bytes_may_stand_side_by_side() -> None:
    octets = octets_of([3, 4], "INT64")
    binary = {"name": "rooms", "shape": [2], "datatype": "INT64", "parameters": {"binary_data_size": len(octets)}}
    text = json.dumps({"inputs": [ROWS[0], binary, ROWS[2]]}).encode()
    assert cells(join(text, octets)) == [[1.5, 2.5], [3, 4], ["York", "Hull"]]


doubles = st.floats(-1e30, 1e30)


@given(st.lists(st.tuples(doubles, doubles, doubles), min_size=1, max_size=9), st.booleans())
def test_doubles_keep_their_bits_in_every_form(rows: list[tuple[float, ...]], is_binary: bool) -> None:
    write = write_binary if is_binary else write_json
    columns = [tensor(name, list(column)) for name, column in zip("abc", zip(*rows, strict=True), strict=True)]
    flat = tensor("x", [cell for row in rows for cell in row], shape=[len(rows), 3])
    for body in (write(*columns), write(flat)):
        assert np.stack(read(body, NUMBERS).columns, axis=1).tobytes() == np.array(rows).tobytes()


@given(st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=1, max_size=9), st.booleans())
def test_single_precision_is_widened_exactly(column: list[float], is_binary: bool) -> None:
    write = write_binary if is_binary else write_json
    [a, _, _] = read(write(*(tensor(name, column, "FP32") for name in "abc")), NUMBERS).columns
    assert a.tobytes() == np.array(column).tobytes()


@given(st.lists(st.integers(-(2**53) + 1, 2**53 - 1), min_size=1, max_size=9), st.booleans())
def test_whole_numbers_are_exact(column: list[int], is_binary: bool) -> None:
    write = write_binary if is_binary else write_json
    [a, _, _] = cells(write(*(tensor(name, column, "INT64") for name in "abc")), NUMBERS)
    assert list(map(int, a)) == column


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=9), st.booleans())
def test_texts_keep_every_character(column: list[str], is_binary: bool) -> None:
    schema = TableSchema((ColumnSchema("text", "text", takes_missing=False),))
    write = write_binary if is_binary else write_json
    assert cells(write(tensor("text", column, "BYTES")), schema) == [column]


def test_a_number_of_single_precision_is_the_nearest_one() -> None:
    body = write_json(*(tensor(name, [0.1], "FP32") for name in "abc"))
    assert cells(body, NUMBERS)[0] == [struct.unpack("f", struct.pack("f", 0.1))[0]]


@pytest.mark.parametrize("write", [write_json, write_binary])
def test_booleans_are_0_and_1_in_columns_of_numbers(write: Any) -> None:
    assert cells(write(*(tensor(name, [True, False], "BOOL") for name in "abc")), NUMBERS)[0] == [1.0, 0.0]


def test_null_and_nan_are_missing_cells() -> None:
    town = {**ROWS[2], "data": ["York", None]}
    price, _, towns = cells(write_json({**ROWS[0], "data": [None, 2.5]}, ROWS[1], town))
    assert (math.isnan(price[0]), price[1], towns) == (True, 2.5, ["York", None])
    body = write_binary({**ROWS[0], "data": [math.nan, 2.5]}, *ROWS[1:])
    assert math.isnan(cells(body)[0][0])
    literal = json.dumps({"inputs": change(0, data=[math.nan, 2.5])}).encode()
    assert b"[NaN, 2.5]" in literal
    assert math.isnan(cells(Body(literal, {}))[0][0])


def test_a_nan_inside_a_text_is_left_as_it_is() -> None:
    texts = ["NaN", 'a "NaN\\']
    body = write_json({**ROWS[0], "data": [math.nan, 2.5]}, ROWS[1], {**ROWS[2], "data": texts})
    assert cells(body)[2] == texts


@pytest.mark.parametrize("datatype", ["FP64", "INT64"])
def test_a_missing_cell_that_the_column_does_not_take_is_refused_with_its_row(datatype: str) -> None:
    rooms = {**ROWS[1], "data": [3, None], "datatype": datatype}
    assert invalid(write_json(ROWS[0], rooms, ROWS[2])) == [
        "row 1, rooms: the value is missing, and the model needs one"
    ]


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinity_is_refused_with_its_row(value: float) -> None:
    [line] = invalid(write_binary({**ROWS[0], "data": [1.0, value]}, *ROWS[1:]))
    assert line.startswith(f"row 1, price: {value} is beyond")
    overflown = change(0, datatype="FP32", data=[1.0, math.copysign(1e39, value)])
    assert invalid(write_json(*overflown)) == [line]


@pytest.mark.parametrize(
    ("inputs", "line"),
    [
        (change(0, data=["1.5", 2]), "row 0, price: '1.5' is no FP64"),
        (change(0, data=[1, True]), "row 1, price: True is no FP64"),
        (change(0, data=[1, [2]]), "row 1, price: a list is no FP64"),
        (change(0, data=[{"x": 1}, 2]), "row 0, price: an object is no FP64"),
        (change(1, data=[3.0, 4]), "row 0, rooms: 3.0 is no INT64"),
        (change(1, data=[3.5, 4], datatype="FP64"), "row 0, rooms: 3.5 is not a whole number"),
        (change(1, data=[2**53, 4]), "row 0, rooms: 9007199254740992 is beyond"),
        (change(1, data=[2**53 + 1, 4]), "row 0, rooms: 9007199254740992 is beyond"),
        (change(1, data=[10**400, 4]), "row 0, rooms: inf is beyond"),
        (change(0, data=[10**400, 4]), "row 0, price: inf is beyond"),
        (change(1, data=[3, 128], datatype="INT8"), "row 1, rooms: 128 is beyond -128 … 127 of INT8"),
        (change(1, data=[3, -1], datatype="UINT64"), "row 1, rooms: -1 is beyond 0 … 9007199254740991 of UINT64"),
        (change(1, data=[1, True], datatype="BOOL"), "row 0, rooms: 1 is no BOOL"),
        (change(2, data=["York", 5]), "row 1, town: 5 is no BYTES"),
        (change(2, data=["York", ""]), "row 1, town: the text is empty"),
        (change(2, data=[1, 2], datatype="FP64"), "town: the datatype is FP64; expected BYTES"),
        (change(0, data=["1", "2"], datatype="BYTES"), "price: the datatype is BYTES; expected FP64 or FP32 or INT64"),
        (change(0, name="cost"), "price: the column is missing"),
        ([*ROWS, ROWS[0]], "price: the column is there 2 times"),
        ([*ROWS, tensor("x", [1, 2, 3, 4], shape=[2, 2])], "x: the shape is [2, 2]; expected [n] or [n, 1]"),
        ([tensor("x", [1, 2, 3, 4], shape=[2, 2])], "x: the shape is [2, 2]; expected [n, 3], the columns in this"),
        ([tensor("x", [1, 2, 3], shape=[3])], "x: the shape is [3]; expected [n, 3], the columns in this order"),
        ([tensor("x", [1, 2], shape=[2, 3])], "x: the data are not of the shape [2, 3]: 2 values"),
        ([tensor("x", [[1, 2, 3]], shape=[2, 3])], "x: the data are not of the shape [2, 3]: 1 rows"),
        ([tensor("x", [1] * 6, "INT64", [2, 3])], "town: the datatype is INT64; expected BYTES"),
        ([tensor("price", [], shape=[0])], "inputs: no rows; expected at least one"),
        ([tensor("x", [], shape=[0, 10**12])], "inputs: no rows; expected at least one"),
        ([tensor("x", [], shape=[2, 0])], "x: the shape is [2, 0]; expected [n, 3]"),
        (change(1, shape=[1], data=[3]), "rooms: 1 rows, but the first tensor has 2"),
        (change(1, shape=[3]), "rooms: the data are not of the shape [3]"),
        (change(1, shape=[2, 2]), "rooms: the data are not of the shape [2, 2]"),
        (change(1, shape=[2, 1], data=[[3], [4, 5]]), "rooms: the data are not of the shape [2, 1]"),
        ([tensor("x", [[1, 2, 3, 4], [5, 6]], shape=[2, 3])], "x: the data are not of the shape [2, 3]"),
        (change(1, shape=[2, 1], data=[[3], 4]), "row 0, rooms: a list is no INT64"),
        (change(1, data=None), "rooms: neither of `data` and binary_data_size"),
        (change(0, parameters={"binary_data_size": 0}), "price: both of `data` and binary_data_size"),
        (change(0, parameters={"binary_data_size": 8}), "binary_data_size: the inputs declare 8 bytes, but 0 follow"),
        (
            change(0, parameters={"binary_data_size": 1e300}),
            f"binary_data_size: the inputs declare {f'{int(1e300)}'[:40]} bytes, but 0 follow",
        ),
    ],
)  # fmt: skip
def test_tensors_that_cannot_be_right_are_refused_by_name(inputs: list[Input], line: str) -> None:
    assert invalid(write_json(*inputs))[0].startswith(line)


@pytest.mark.parametrize(
    ("datatype", "octets", "line"),
    [
        ("FP64", b"x" * 15, "price: 15 bytes; FP64 of the shape [2] has 16"),
        ("FP32", b"x" * 16, "price: 16 bytes; FP32 of the shape [2] has 8"),
        ("INT64", octets_of([2**53, -(2**63)], "INT64"), "row 0, price: 9007199254740992 is beyond"),
        ("UINT64", octets_of([1, 2**64 - 1], "UINT64"), "row 1, price: 18446744073709551616 is beyond"),
        ("BOOL", b"\x01\x02", "row 1, price: 2 is beyond 0 … 1 of BOOL"),
        ("BYTES", octets_of(["York"], "BYTES"), "row 1, town: its text ends beyond the 8 bytes of the tensor"),
        ("BYTES", octets_of(["York", "Hull"], "BYTES")[:-1], "row 1, town: its text ends beyond the 15 bytes"),
        ("BYTES", octets_of(["York", "Hull"], "BYTES") + b"!", "row 1, town: 1 bytes of the tensor are left"),
        ("BYTES", b"\xff" * 16, "row 0, town: its text ends beyond the 16 bytes of the tensor"),
        ("BYTES", b"", "row 0, town: its text ends beyond the 0 bytes of the tensor"),
        ("BYTES", octets_of(["York", b"\xff\xfe"], "BYTES"), "row 1, town: its bytes are not UTF-8"),
        ("BYTES", octets_of([b"\xff", b"York"], "BYTES"), "row 0, town: its bytes are not UTF-8"),
    ],
)
def test_bytes_that_do_not_fit_their_tensor_are_refused_by_name(datatype: str, octets: bytes, line: str) -> None:
    name = "town" if datatype == "BYTES" else "price"
    told = {"name": name, "shape": [2], "datatype": datatype, "parameters": {"binary_data_size": len(octets)}}
    text = json.dumps({"inputs": [told]}).encode()
    assert invalid(join(text, octets))[0].startswith(line)


@pytest.mark.parametrize("n_bytes", [8, 24])
def test_bytes_that_no_tensor_declares_are_refused(n_bytes: int) -> None:
    told = {"name": "price", "shape": [2], "datatype": "FP64", "parameters": {"binary_data_size": 16}}
    [line] = invalid(join(json.dumps({"inputs": [told]}).encode(), b"x" * n_bytes))
    assert line == f"binary_data_size: the inputs declare 16 bytes, but {n_bytes} follow the JSON"


def test_a_json_body_with_binary_sizes_names_the_header() -> None:
    body = write_binary(*ROWS)
    text = body.data[: int(body.headers[HEADER])]
    assert invalid(text)[0].endswith(
        "but 0 follow the JSON; the header Inference-Header-Content-Length says how long that is"
    )


@pytest.mark.parametrize("declared", ["-1", "+5", "5 ", "", "0", "x", "1e3", "٣", "9" * 5000, "100000", "3, 3"])
def test_a_lying_header_is_refused_by_name(declared: str) -> None:
    kind, detail = refusal(Body(write_json(*ROWS).data, {HEADER: declared}))
    assert kind is BAD_REQUEST
    assert detail.startswith("Inference-Header-Content-Length is ")
    assert len(detail) < 200


def test_a_header_that_cuts_the_json_is_refused() -> None:
    kind, detail = refusal(Body(write_json(*ROWS).data, {HEADER: "20"}))
    assert (kind, "the body is not JSON" in detail) == (MALFORMED, True)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"[]", "Expected `object`, got `array`"),
        (b"{", "the body is not JSON"),
        (b"{}", "Object missing required field `inputs`"),
        (b'{"inputs": []}', "Expected `array` of length >= 1"),
        (b'{"inputs": [{}]}', "`$.inputs[0]`"),
        (write_json(*ROWS, sequence=1).data, "unknown field `sequence`"),
        (write_json(*ROWS, parameters={"sequence_id": 1}).data, "unknown field `sequence_id` - at `$.parameters`"),
        (write_json(*ROWS, outputs=[{"name": "p", "parameters": {"classification": 2}}]).data, "`classification`"),
        (write_json(*change(0, parameters={"shared_memory_region": "x"})).data, "`shared_memory_region`"),
        (write_json(*ROWS, parameters={"history": "all"}).data, "`$.parameters.history`"),
        (write_json(*change(0, datatype="FP16")).data, "the tensor 'price' is of 'FP16'; expected one of FP64, FP32,"),
        (write_json(*change(0, shape=[2, 1, 1])).data, "the tensor 'price' has the shape [2, 1, 1]; expected [n] or"),
        (write_json({**ROWS[0], "shape": []}).data, "the tensor 'price' has the shape []"),
        (write_json(*change(0, shape=[-2])).data, "`$.inputs[0].shape[0]`"),
        (write_json(*change(0, shape=[1.5])).data, "`$.inputs[0].shape[0]`"),
        (write_json(*change(0, shape=["2"])).data, "`$.inputs[0].shape[0]`"),
        (write_json(*change(0, parameters={"binary_data_size": -8})).data, "binary_data_size"),
        (write_json(*change(0, data=5)).data, "Expected `array | null`, got `int` - at `$.inputs[0].data`"),
        (write_json(*ROWS).data[:-1] + b', "inputs": []}', "Expected `array` of length >= 1"),
        (write_json(*ROWS).data[:-1] + b', "id": "1", "id": "2"}', "the member 'id' twice"),
        (write_json(*ROWS).data.replace(b'"name": "price"', b'"name": "x", "name": "price"'), "member 'name' twice"),
        (b'{"inputs": [{"name": "a", "shape": [1], "datatype": "FP64", "data": [Infinity]}]}', "not JSON"),
        (b'{"inputs": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(body: bytes, detail: str) -> None:
    kind, message = refusal(body)
    assert kind is MALFORMED
    assert detail in message


FORM = 'Expected an inference request: {"inputs": [{"name": …, "shape": [n], "datatype": …, "data": […]}]}'


@pytest.mark.parametrize("body", [b"[]", b"{", b"{}", b'{"inputs": [{}]}', b'{"inputs": [{"names": "a"}]}'])
def test_a_body_of_another_form_is_answered_with_the_form(body: bytes) -> None:
    assert refusal(body)[1].endswith(FORM)


def test_an_unknown_member_is_answered_with_the_members() -> None:
    _, message = refusal(b'{"rows": [[1]]}')
    assert "; the members are `inputs`, `id`, `model_name`, `parameters`, `outputs`. Expected" in message


def test_an_empty_body_is_refused_as_empty() -> None:
    assert refusal(b"")[0] is refusal(Body(b"", {HEADER: "5"}))[0] is EMPTY


@pytest.mark.parametrize("depth", [400, 900, 960, 980])
def test_nested_data_are_refused_at_any_depth(depth: int) -> None:
    data = b"[1.5, " + b"[" * depth + b"]" * depth + b"]"
    body = write_json(*ROWS).data.replace(b"[1.5, 2.5]", data)
    with pytest.raises((RequestError, InvalidInput), match=r"a list is no FP64|nested too deeply"):
        read(body)


@pytest.mark.parametrize("shape", [[10**9], [1001], [10**9, 10**9], [1e300], [2**64, 1]])
@pytest.mark.parametrize("write", [write_json, write_binary])
def test_more_rows_than_allowed_are_refused_whatever_follows(write: Any, shape: list[int]) -> None:
    kind, detail = refusal(write({**ROWS[0], "shape": shape}))
    assert (kind, detail.endswith("rows; this service takes 1000 in one request")) == (TOO_LARGE, True)


@pytest.mark.parametrize("inputs", [[tensor("x", [], shape=[1000, 75])], [tensor("x", [], shape=[1000, 30])] * 3])
def test_more_elements_than_the_rows_can_have_are_refused_whatever_follows(inputs: list[Input]) -> None:
    kind, detail = refusal(write_json(*inputs))
    assert (kind, detail.startswith("more than 74000 elements")) == (TOO_LARGE, True)


def test_more_values_in_json_than_the_rows_can_have_are_refused_before_they_are_made() -> None:
    body = (
        b'{"inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [' + b",".join([b"[]"] * 80_000) + b"]}]}"
    )
    kind, detail = refusal(body)
    assert (kind, detail.startswith("more than 74000 values")) == (TOO_LARGE, True)


def size_of(each: Input, octets: bytes) -> Input:
    """Return an input whose elements are bytes."""
    told = {name: value for name, value in each.items() if name != "data"}
    return {**told, "parameters": {"binary_data_size": len(octets)}}


def with_data(data: bytes) -> Body:
    return Body(b'{"inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [%b1]}]}' % data, {})


def hostile_bodies() -> dict[str, Body]:
    """Return bodies of at most 4 MiB that could become much more."""
    narrow, texts = b"\x01" * MAX_ROWS, octets_of(["ab"] * N_TEXTS * MAX_ROWS, "BYTES")
    columns = [size_of(tensor(name, [], "INT8", [MAX_ROWS]), narrow) for name in WIDE.names]
    matrix = size_of(tensor("x", [], "BYTES", [MAX_ROWS, N_TEXTS]), texts)
    return {
        "bytes that are widened": join(json.dumps({"inputs": columns}).encode(), narrow * len(columns)),
        "short texts": join(json.dumps({"inputs": [matrix]}).encode(), texts),
        "one wide row": write_json({**tensor("x", [], shape=[1, 10**6]), "data": [0] * 10**6}),
        "lists": with_data(b"[1]," * (MAX_BYTES // 4 - 100)),
        "NaN": with_data(b"NaN," * 10**6),
        "a shape": Body(b'{"inputs": [{"name": "x", "shape": [%b1]}]}' % (b"1," * 10**6), {}),
    }


@pytest.mark.parametrize("what", list(hostile_bodies()))
def test_memory_stays_within_what_the_settings_promise(what: str) -> None:
    body = hostile_bodies()[what]
    assert len(body.data) <= MAX_BYTES
    schema = TEXTS if what == "short texts" else WIDE
    tracemalloc.start()
    try:
        request = decode(body, MAX_ROWS)
        request.table.read_columns(schema)
    except (RequestError, InvalidInput):
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < MAX_PEAK


def test_options_of_the_request_are_read_and_what_changes_nothing_is_taken() -> None:
    hints = {"priority": 1, "timeout": 1000, "content_type": "pd"}
    request = decode(write_json(*ROWS, id="7", model_name="sales", parameters={"history": "none", **hints}))
    assert (request.model, request.version, request.history, request.reply.id) == ("sales", None, "none", "7")
    with_hint = [{**each, "parameters": {"content_type": "str"}} for each in ROWS]
    assert len(decode(write_json(*with_hint)).table) == 2


def test_another_model_in_the_body_than_in_the_path_is_refused() -> None:
    assert invalid(write_json(*ROWS, model_name="iris")) == ["model_name: 'iris' is not the model of the path, 'sales'"]


def test_an_output_twice_is_refused() -> None:
    body = write_json(*ROWS, outputs=[{"name": "prediction"}, {"name": "prediction"}])
    assert invalid(body) == ["outputs: an output is there twice"]


def test_a_long_name_is_cut_in_every_message() -> None:
    name = "x" * 100_000
    for inputs in (
        [tensor(name, ["a"])],
        [tensor(name, [1, 2])],
        [tensor(name, [1, 2, 3, 4], shape=[2, 2])],
        [tensor(name, [1], shape=[2])],
    ):
        assert max(map(len, invalid(write_json(*inputs), NUMBERS))) < 200
    padded = tensor(f"{' ' * 100_000}open", ["1"], "BYTES")  # bars may be spelled otherwise
    assert max(map(len, invalid(write_json(padded), BARS))) < 200


BAR = {"open": 24.66, "high": 24.79, "low": 24.52, "close": 24.77, "volume": 38157500.0}


def bar_inputs(date: Input, **changed: Any) -> list[Input]:
    return [date, *(tensor(name, [value], shape=[1, 1]) for name, value in {**BAR, **changed}.items())]


@pytest.mark.parametrize("write", [write_json, write_binary])
@pytest.mark.parametrize(
    "date",
    [
        tensor("date", ["2013-03-04"], "BYTES"),
        tensor("date", ["2013-03-04T00:00:00"], "BYTES", [1, 1]),
        tensor("date", [1362355200000], "INT64"),
    ],
)
def test_bars_have_a_column_of_dates(write: Any, date: Input) -> None:
    bars = read(write(*bar_inputs(date)), BARS)
    assert (str(bars.dates[0]), bars.values[:, 0].tolist()) == ("2013-03-04", list(BAR.values()))


DATE = tensor("date", ["2013-03-04"], "BYTES")


@pytest.mark.parametrize(
    ("inputs", "line"),
    [
        (bar_inputs(tensor("date", [1362355200], "INT64")), "row 0, date: 1362355200.0 is not a date"),
        (bar_inputs(tensor("date", [None], "INT64")), "row 0, date: nan is not a date"),
        (bar_inputs(tensor("date", ["yesterday"], "BYTES")), "row 0, date: 'yesterday' is not a date"),
        (bar_inputs(tensor("date", [None], "BYTES")), "row 0, date: null is not a date"),
        (bar_inputs(tensor("date", [1362355200000.0])), "date: the datatype is FP64; expected BYTES or INT64"),
        (bar_inputs(DATE, open=None), "row 0, open: nan is not a number"),
        (bar_inputs(DATE, open=-1.0), "row 0, open: -1.0 is not a finite number above 0"),
        (bar_inputs(DATE)[1:], "date: the column is missing"),
        (bar_inputs(DATE)[:-1], "volume: the column is missing"),
        ([*bar_inputs(DATE), tensor("dividend", [1])], "dividend: unknown column"),
        ([*bar_inputs(DATE), tensor("Close", [1])], "close: the column is there 2 times"),
        ([*bar_inputs(DATE), tensor("Adj Close", ["1"], "BYTES")], "row 0, adj_close: '1' is not a number"),
        ([tensor("x", [1.0] * 6, shape=[1, 6])], "date: the datatype is FP64; expected BYTES or INT64"),
    ],
)
def test_bars_that_cannot_be_right_are_refused_by_name(inputs: list[Input], line: str) -> None:
    assert invalid(write_json(*inputs), BARS)[0].startswith(line)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_price_that_is_no_number_is_refused_in_bytes_too(value: float) -> None:
    inputs = [DATE, *(tensor(name, [number]) for name, number in {**BAR, "low": value}.items())]
    assert invalid(write_binary(*inputs), BARS)[0].startswith(f"row 0, low: {value} is not a")


@pytest.mark.parametrize(
    ("datatype", "element"),
    [("FP64", "x"), ("UINT8", 256), ("BYTES", 1), ("BOOL", b"\2"), ("BYTES", b"\1\0\0\0\xff")],
)
def test_no_more_bad_elements_are_described_than_anyone_reads(datatype: str, element: str | int | bytes) -> None:
    schema = TEXTS if datatype == "BYTES" else WIDE
    shape = [500, len(schema.columns)]
    posted, n_elements = {"name": "all", "shape": shape, "datatype": datatype}, math.prod(shape)
    if isinstance(element, bytes):
        size = {"binary_data_size": len(element) * n_elements}
        body = join(json.dumps({"inputs": [{**posted, "parameters": size}]}).encode(), element * n_elements)
    else:
        body = write_json({**posted, "data": [element] * n_elements})
    with pytest.raises(InvalidInput) as refused:
        read(body, schema)
    assert refused.value.total == MAX_SOUGHT < n_elements
