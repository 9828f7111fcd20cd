"""The OpenAPI document: complete, true, and kept by the running app whatever is sent."""

import json
from collections.abc import Iterator
from pathlib import Path
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
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sklearn.linear_model import LogisticRegression

from lockstep.doors.door import JSON
from lockstep.scoring.kinds import EMPTY, KINDS, MALFORMED, NO_ROUTE, TOO_LARGE, WRONG_MEDIA_TYPE, kinds_of
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import ROUTES, create_app
from lockstep.web.console.pages import CONSOLE
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_tables import make_gaps, save_table

KEPT = (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
NOT_BY_SCHEMA = {EMPTY.code, MALFORMED.code, WRONG_MEDIA_TYPE.code}
"""How no body is refused that its schema allows. What is left are rules that no schema can express: of cells that
do not fit each other, and of what is served."""
REJECTS = negative_data_rejection
CASES = 60
"""For each operation, service and kind of data; about 30 s in all."""

Json = dict[str, Any]


@pytest.fixture(scope="module", params=["series", "table"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A service of a series and a table, either of which is the default."""
    recipe = TableRecipe("sales", "is_dear", LogisticRegression())
    folder = save_table(tmp_path_factory.mktemp("models"), make_gaps().without("value"), recipe)
    models: tuple[Path, ...] = (DEFAULT_BUNDLE, folder.parent)
    ordered = models if request.param == "series" else models[::-1]
    # schemathesis calls the app without an address
    return create_app(Settings(models=ordered, allow_anonymous=True, rate_limit=None))


@pytest.fixture(scope="module")
def document(app: Flask) -> Json:
    described: Json = app.test_client().get("/openapi.json").get_json()
    return described


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def operations(document: Json) -> list[tuple[str, str, Json]]:
    return [(path, method, found) for path, item in document["paths"].items() for method, found in item.items()]


def test_every_route_is_documented(app: Flask, document: Json) -> None:
    for_people = {route.name for route, _ in CONSOLE}
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in for_people
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
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        if method == "post" and "example" in content and "{" not in path:
            [(media_type, answered)] = [
                (name, found["example"])
                for name, found in operation["responses"]["200"]["content"].items()
                if "example" in found
            ]
            answer = client.post(path, json=content["example"], headers={"X-Request-Id": "0" * 32})
            if answer.status_code == 409:  # the route has no name for a model that is not the default
                continue
            assert answer.content_type.partition(";")[0] == media_type
            assert (answer.get_json() if media_type == "application/json" else answer.text) == answered
            compared += 1
    assert compared >= 2


def test_the_document_is_valid_openapi(app: Flask) -> None:
    schemathesis.openapi.from_wsgi("/openapi.json", app).validate()


def read_operations(schema: BaseSchema) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found.err()
        yield found.ok()


POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


ASKED = [
    (f"{route.method} {route.path}", mode)
    for route in ROUTES
    for mode in (POSITIVE, NEGATIVE)
    if route.path != "/openapi.json" and (mode is POSITIVE or route.method == "POST")
]
"""Every operation that schemathesis reads, which leaves out the document itself; with wrong data if it takes any."""


@pytest.mark.parametrize(("label", "mode"), ASKED)
def test_no_answer_is_undocumented_and_what_the_schema_allows_is_read(
    app: Flask, label: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    [operation] = [found for found in read_operations(schema) if found.label == label]
    codes: list[str | None] = []

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
        is_too_large = response.status_code == TOO_LARGE.status  # which is seen before the body is read
        case.validate_response(response, checks=[check for check in KEPT if not is_too_large or check is not REJECTS])
        codes.append(None)
        if response.headers["content-type"][0].endswith("json"):
            told = json.loads(response.content, parse_constant=refuse_constant)
            codes[-1] = told.get("code") if isinstance(told, dict) else None
        is_described = case.media_type in (None, JSON)  # of a body of another type the schema says that it is text
        assert mode is NEGATIVE or not is_described or codes[-1] not in NOT_BY_SCHEMA, response.text

    send()
    assert codes
