"""The routes of the Open Inference Protocol in the app; the protocol's own schemas are repeated here as types."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LogisticRegression

from lockstep.bundles.versions import set_alias
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_tables import make_gaps, save_table
from tests.tensors import Body, read_outputs, tensor, write_binary, write_json

ROW = (tensor("price", [20.5]), tensor("rooms", [3], "INT64"), tensor("town", ["York"], "BYTES"))
INFER = "/v2/models/sales/infer"
RECORD = {"price": 20.5, "rooms": 3, "town": "York"}


class SpecTensor(msgspec.Struct):
    """`metadata_tensor` of the protocol."""

    name: str
    datatype: str
    shape: list[int]


class SpecOutput(SpecTensor, kw_only=True):
    """`response_output` of the protocol; it allows no null."""

    data: list[bool | int | float | str]
    parameters: dict[str, Any] = {}


class SpecResponse(msgspec.Struct):
    """`inference_response` of the protocol."""

    model_name: str
    outputs: list[SpecOutput]
    model_version: str = ""
    id: str = ""
    parameters: dict[str, str | float | bool] = {}


class SpecModel(msgspec.Struct, forbid_unknown_fields=True):
    """`metadata_model_response` of the protocol."""

    name: str
    platform: str
    versions: list[str] = []
    inputs: list[SpecTensor] = []
    outputs: list[SpecTensor] = []
    properties: dict[str, str] = {}


class SpecServer(msgspec.Struct, forbid_unknown_fields=True):
    """`metadata_server_response` of the protocol."""

    name: str
    version: str
    extensions: list[str]


class SpecError(msgspec.Struct):
    """`inference_error_response` of the protocol."""

    error: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of one model; `older` names the first."""
    models, recipe = tmp_path_factory.mktemp("models"), TableRecipe("sales", "is_dear", LogisticRegression())
    for seed in (5, 6):
        save_table(models, make_gaps(seed=seed).without("value"), recipe)
    set_alias(models / "sales", "older", 1)
    set_alias(models / "sales", "champion", 2)
    return models


@pytest.fixture(scope="module")
def both(folder: Path) -> FlaskClient:
    """A service of the default series and a table."""
    models = (DEFAULT_BUNDLE, folder)
    return create_app(Settings(models=models, max_rows=1000, rate_limit=None, versions="all")).test_client()


def post(client: FlaskClient, body: Body, path: str = INFER, media_type: str | None = "application/json") -> Any:
    return client.post(path, data=body.data, headers=body.headers, content_type=media_type)


def test_the_server_describes_itself_as_the_protocol_says(both: FlaskClient) -> None:
    for path in ("/v2", "/v2/"):
        described = msgspec.json.decode(both.get(path).data, type=SpecServer)
        assert (described.name, described.extensions) == ("lockstep", ["binary_tensor_data"])


def test_health_has_both_members_that_clients_look_for(both: FlaskClient) -> None:
    for path in ("/v2/health/live", "/v2/health/ready"):
        assert (both.get(path).status_code, both.get(path).get_json()) == (200, {"live": True, "ready": True})
    assert both.get("/v2/models/sales/ready").get_json() == {"name": "sales", "ready": True}


def test_a_service_whose_self_check_failed_is_live_and_not_ready(unfaithful: Path) -> None:
    client = create_app(Settings(models=(unfaithful,), gate="warn")).test_client()
    assert client.get("/v2/health/live").status_code == 200
    for path in ("/v2/health/ready", "/v2/models/msft/ready", "/v2/models/msft/versions/1/ready"):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type, answer.get_json()["ready"]) == (503, "application/json", False)


def test_metadata_are_made_of_the_schema(both: FlaskClient) -> None:
    described = msgspec.json.decode(both.get("/v2/models/sales").data, type=SpecModel)
    assert [(each.name, each.datatype, each.shape) for each in described.inputs] == [
        ("price", "FP64", [-1]),
        ("rooms", "INT64", [-1]),
        ("town", "BYTES", [-1]),
    ]
    assert [(each.name, each.datatype, each.shape) for each in described.outputs] == [
        ("prediction", "BYTES", [-1]),
        ("proba", "FP64", [-1, 2]),
    ]
    assert described.versions == ["1", "2"]
    series = msgspec.json.decode(both.get("/v2/models/msft").data, type=SpecModel)
    assert [(each.name, each.datatype) for each in series.inputs][:2] == [("date", "BYTES"), ("open", "FP64")]


@pytest.mark.parametrize(("path", "version"), [("", "2"), ("/versions/1", "1"), ("/versions/older", "1")])
def test_a_version_is_named_by_number_or_alias_and_is_the_champion_otherwise(
    both: FlaskClient, path: str, version: str
) -> None:
    described = msgspec.json.decode(both.get(f"/v2/models/sales{path}").data, type=SpecModel)
    answer = post(both, write_json(*ROW), f"/v2/models/sales{path}/infer")
    told = msgspec.json.decode(answer.data, type=SpecResponse)
    assert (told.model_version, answer.headers["X-Model-Version"]) == (version, f"sales/{version}")
    assert described.properties["digest"] == answer.headers["X-Model-Digest"]
    assert both.get(f"/v2/models/sales{path}/ready").status_code == 200


@pytest.mark.parametrize("media_type", ["application/json", None, "application/octet-stream", "application/json; x=y"])
def test_an_answer_is_that_of_predict_whatever_type_is_declared(both: FlaskClient, media_type: str | None) -> None:
    frame = both.post("/v1/predict", json={"dataframe_records": [RECORD], "model": "sales"}).get_json()["predictions"]
    told = msgspec.json.decode(post(both, write_json(*ROW, id="7"), media_type=media_type).data, type=SpecResponse)
    assert told.id == "7"
    [prediction, proba] = told.outputs
    assert [*prediction.data, *proba.data] == frame["data"][0]
    answer = post(both, write_binary(*ROW, parameters={"binary_data_output": True}), media_type=media_type)
    assert answer.content_type == "application/octet-stream"
    outputs = read_outputs(answer.data, answer.headers)
    assert [*outputs["prediction"], *outputs["proba"]] == frame["data"][0]


def test_the_example_of_the_document_is_answered(both: FlaskClient) -> None:
    operation = both.get("/openapi.json").get_json()["paths"]["/v2/models/{model}/infer"]["post"]
    posted = operation["requestBody"]["content"]["application/json"]["example"]
    answered = operation["responses"]["200"]["content"]["application/json"]["example"]
    for path in (f"/v2/models/{answered['model_name']}", "/v2/models/msft/versions/champion"):
        assert both.post(f"{path}/infer", json=posted).get_json() == answered


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v2/models/x%20%C3%A9%22%00", 404, "unknown-model"),
        ("GET", "/v2/models/sales/versions/9", 404, "unknown-model"),
        ("GET", "/v2/models/sales/versions/none/ready", 404, "unknown-model"),
        ("GET", "/v2/models/a%2Fb/ready", 404, "not-found"),
        ("GET", "/v2/models/sales/config", 404, "not-found"),
        ("POST", "/v2/repository/index", 404, "not-found"),
        ("GET", INFER, 405, "method-not-allowed"),
        ("POST", INFER, 400, "empty"),
        ("POST", "/v2/models/none/infer", 400, "empty"),
    ],
)  # fmt: skip
def test_every_refusal_has_an_error_beside_our_members(
    both: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = both.open(path, method=method, content_type="application/json")
    assert (answer.status_code, answer.content_type, answer.get_json()["code"]) == (status, "application/json", code)
    assert msgspec.json.decode(answer.data, type=SpecError).error == answer.get_json()["detail"]
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("body", "path", "status", "code"),
    [
        (write_json(*ROW), "/v2/models/none/infer", 404, "unknown-model"),
        (write_json(*ROW), "/v2/models/sales/versions/7/infer", 404, "unknown-model"),
        (write_json(*ROW), "/v2/models/msft/infer", 422, "invalid-input"),
        (write_json(*ROW[:2]), INFER, 422, "invalid-input"),
        (write_json({**ROW[0], "shape": [10**9]}), INFER, 413, "too-large"),
        (write_json(*ROW, parameters={"sequence_id": 1}), INFER, 400, "malformed"),
        (Body(b"{}", {"Inference-Header-Content-Length": "-1"}), INFER, 400, "bad-request"),
    ],
)
def test_a_refusal_has_the_kind_and_status_of_every_door(
    both: FlaskClient, body: Body, path: str, status: int, code: str
) -> None:
    answer = post(both, body, path)
    assert (answer.status_code, answer.content_type, answer.get_json()["code"]) == (status, "application/json", code)


@pytest.mark.parametrize(
    ("headers", "code"),
    [({"Content-Type": "text/csv"}, "media-type"), ({"Content-Encoding": "gzip"}, "content-encoding")],
)
def test_another_type_or_coding_is_refused_by_name(both: FlaskClient, headers: dict[str, str], code: str) -> None:
    body = write_json(*ROW)
    answer = both.post(INFER, data=body.data, headers={"Content-Type": "application/json", **headers})
    assert (answer.status_code, answer.get_json()["code"]) == (415, code)
    assert "error" in answer.get_json()


def test_infer_needs_a_key_and_what_describes_does_not(keyed: tuple[FlaskClient, str, str]) -> None:
    client, key, _ = keyed
    path = "/v2/models/msft/infer"
    refused = client.post(path, json={})
    assert (refused.status_code, refused.content_type, refused.get_json()["code"]) == (
        401,
        "application/json",
        "unauthorized",
    )
    assert refused.get_json()["error"] == refused.get_json()["detail"]
    assert client.post(path, json={}, headers={"x-api-key": key}).status_code == 400
    for shown in ("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/msft", "/v2/models/msft/ready"):
        assert client.get(shown).status_code == 200


def test_only_health_is_shown_elsewhere_by_a_service_without_keys(both: FlaskClient) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/sales/ready"):
        assert both.get(path, environ_base=elsewhere).status_code == 200
    for path in ("/v2", "/v2/models/sales"):
        answer = both.get(path, environ_base=elsewhere)
        assert (answer.status_code, json.loads(answer.data)["code"]) == (401, "unauthorized")
