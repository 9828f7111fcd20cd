"""Whatever is posted as tensors, in JSON or as bytes, has a documented answer."""

import json
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.doors.oip.datatypes import DATATYPES
from tests.tensors import HEADER, Body, join, octets_of, read_outputs
from tests.unit.web.test_fuzz import CASES, COLUMNS, DOCUMENTED, junk, numbers, refuse_constant

SIZES = (0, 1, 2, 3, 5, 6, 10**9, 2**63, -1)

names = st.one_of(st.sampled_from([*COLUMNS, "Adj Close"]), st.text(max_size=5))
datatypes = st.one_of(st.sampled_from(DATATYPES), st.sampled_from(DATATYPES), st.text(max_size=5))
shapes = st.one_of(
    st.sampled_from([[1], [2], [1, 1], [2, 1], [1, 6], [2, 6]]), st.lists(st.sampled_from(SIZES), max_size=3), junk
)
SESSIONS = ("2013-03-01", "2013-03-04")


@st.composite
def whole(draw: st.DrawFn) -> tuple[list[dict[str, Any]], bytes]:
    """A bar that can be right, each tensor in JSON or as bytes."""
    price, datatype = draw(st.floats(24.0, 24.5)), draw(st.sampled_from(["FP64", "FP32"]))
    cells: list[tuple[str, str, Any]] = [("date", "BYTES", draw(st.sampled_from(SESSIONS)))]
    inputs, octets = [], b""
    for name, kind, cell in cells + [(name, datatype, price) for name in COLUMNS[1:]]:
        each: dict[str, Any] = {"name": name, "datatype": kind, "shape": draw(st.sampled_from([[1], [1, 1]]))}
        if draw(st.booleans()):
            inputs.append({**each, "data": [cell]})
            continue
        part = octets_of([cell], kind)
        inputs.append({**each, "parameters": {"binary_data_size": len(part)}})
        octets += part
    return inputs, octets


@st.composite
def broken(draw: st.DrawFn) -> tuple[list[dict[str, Any]], bytes]:
    """Tensors of any names, datatypes and shapes, with any elements or bytes."""
    inputs, octets = [], b""
    for _ in range(draw(st.integers(0, 6))):
        each: dict[str, Any] = {"name": draw(names), "datatype": draw(datatypes), "shape": draw(shapes)}
        if draw(st.booleans()):
            part = draw(st.binary(max_size=48))
            size = draw(st.one_of(st.just(len(part)), st.just(len(part)), st.sampled_from(SIZES)))
            each["parameters"], octets = {"binary_data_size": size}, octets + part
        if draw(st.booleans()):
            each["data"] = draw(st.one_of(st.lists(st.one_of(numbers, junk), max_size=6), junk))
        inputs.append(each)
    return inputs, octets


@st.composite
def posted(draw: st.DrawFn) -> Body:
    """A body with its header; in one of three broken somewhere."""
    inputs, octets = draw(st.one_of(whole(), broken()))
    asked: dict[str, Any] = {"inputs": inputs}
    if draw(st.booleans()):
        asked["parameters"] = draw(st.one_of(st.just({"binary_data_output": True}), st.just({"history": "none"}), junk))
    if draw(st.booleans()):
        asked["outputs"] = draw(st.one_of(st.just([{"name": "prediction"}]), junk))
    body = join(json.dumps(asked).encode(), octets)
    if draw(st.integers(0, 2)):
        return body
    place, length = draw(st.integers(0, len(body.data))), draw(st.integers(0, 20))
    data = body.data[:place] + draw(st.binary(max_size=6)) + body.data[place + length :]
    size = draw(st.one_of(st.just(body.headers[HEADER]), st.sampled_from(SIZES).map(str), st.none()))
    return Body(data, {} if size is None else {HEADER: size})


@settings(max_examples=CASES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=posted())
def test_whatever_is_posted_as_tensors_has_a_documented_answer(client: FlaskClient, body: Body) -> None:
    response = client.post("/v2/models/msft/infer", data=body.data, headers=body.headers)
    if response.status_code == 200:
        assert read_outputs(response.data, dict(response.headers))["prediction"]
    else:
        told = json.loads(response.data, parse_constant=refuse_constant)
        assert (response.status_code, told["code"]) in DOCUMENTED
        assert (response.content_type, told["error"]) == ("application/json", told["detail"])
        assert len(response.data) < 10_000


@settings(max_examples=CASES // 10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=whole())
def test_a_bar_that_is_right_is_forecast_in_whatever_form(
    client: FlaskClient, body: tuple[list[dict[str, Any]], bytes]
) -> None:
    data, headers = join(json.dumps({"inputs": body[0]}).encode(), body[1])
    assert client.post("/v2/models/msft/infer", data=data, headers=headers).status_code == 200
