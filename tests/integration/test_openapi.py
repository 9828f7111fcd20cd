"""The OpenAPI document: complete, true, and kept by the running app whatever is sent."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lockstep.doors import table
from lockstep.scoring.kinds import KINDS, NO_ROUTE, kinds_of
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app

KEPT = (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
CASES = 100
"""For each operation and kind of data; about 20 s in all."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(allow_anonymous=True))  # schemathesis calls the app without an address


@pytest.fixture(scope="module")
def document(app: Flask) -> Json:
    described: Json = app.test_client().get("/openapi.json").get_json()
    return described


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def operations(document: Json) -> list[tuple[str, str, Json]]:
    return [(path, method, found) for path, item in document["paths"].items() for method, found in item.items()]


def test_every_route_is_documented(app: Flask, document: Json) -> None:
    served = {
        (rule.rule, method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert {(path, method) for path, method, _ in operations(document)} == served


def test_every_kind_of_problem_is_documented(document: Json) -> None:
    codes = {
        code
        for _, _, operation in operations(document)
        for answer in operation["responses"].values()
        for content in answer["content"].values()
        for code in (content["schema"].get("allOf") or [{}, {}])[1]
        .get("properties", {})
        .get("code", {})
        .get("enum", [])
    }
    assert codes == {kind.code for kind in KINDS} - {kind.code for kind in kinds_of(NO_ROUTE)}


def test_the_examples_are_what_the_running_app_answers(app: Flask, document: Json) -> None:
    client, compared = app.test_client(), 0
    for path, method, operation in operations(document):
        if method == "post" and path != table.ROUTE.path:  # no model of a table is served here
            answer = operation["responses"]["200"]["content"]["application/json"]["example"]
            posted = operation["requestBody"]["content"]["application/json"]["example"]
            request_id = {"X-Request-Id": answer.get("request_id", "0" * 32)}
            assert client.post(path, json=posted, headers=request_id).json == answer
            compared += 1
    assert compared == 2


def test_the_document_is_valid_openapi(app: Flask) -> None:
    schemathesis.openapi.from_wsgi("/openapi.json", app).validate()


def read_operations(schema: BaseSchema) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found.err()
        yield found.ok()


POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@pytest.mark.parametrize(
    ("label", "mode", "expected"),
    [
        ("POST /forecast", POSITIVE, {422}),
        ("POST /forecast", NEGATIVE, {400}),
        ("POST /v1/forecast", POSITIVE, {400, 422}),
        ("POST /v1/forecast", NEGATIVE, {400}),
        ("GET /", POSITIVE, {200}),
        ("GET /health", POSITIVE, {200}),
        ("GET /ready", POSITIVE, {200}),
        ("GET /version", POSITIVE, {200}),
    ],
)
def test_no_answer_is_undocumented_or_a_server_error(
    app: Flask, label: str, mode: GenerationMode, expected: set[int]
) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    [operation] = [found for found in read_operations(schema) if found.label == label]
    statuses: set[int] = set()

    @settings(
        max_examples=CASES,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case[Any]) -> None:
        response = case.call()
        case.validate_response(response, checks=[*KEPT])
        statuses.add(response.status_code)
        if response.headers["content-type"][0].endswith("json"):
            json.loads(response.content, parse_constant=refuse_constant)

    send()
    assert statuses >= expected
