"""The API reference for people: it has whatever the OpenAPI document has, and every link on it leads somewhere."""

import html
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from lockstep.scoring.kinds import KINDS
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from lockstep.web.headers import CONSOLE_POLICY
from lockstep.web.openapi import leave_out_examples
from lockstep.web.reference.spelling import Part, spell_schema
from lockstep.web.reference.written import write_example

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture(scope="module")
def page(client: FlaskClient) -> str:
    return client.get("/docs").text


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").get_json()
    return document


def read_route(page: str, name: str) -> str:
    [found] = re.findall(rf'<article id="{name}".*?</article>', page, re.DOTALL)
    return html.unescape(found)


def test_every_route_stands_there_with_its_problems(page: str, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            route = read_route(page, operation["operationId"])
            assert f"<code>{method.upper()} {path}</code>" in route
            told = json.dumps(operation["responses"])
            codes = {code for found in re.findall(r'"enum": \[(.*?)\]', told) for code in json.loads(f"[{found}]")}
            assert {*re.findall(r'href="#problem-([\w-]+)"', route)} == codes


def test_rows_and_forecasts_of_a_service_with_keys_need_one(
    keyed: tuple[FlaskClient, str, str], document: dict[str, Any]
) -> None:
    client, secret, _ = keyed
    shown = client.get("/openapi.json").get_json()
    assert '"example"' in json.dumps(document["paths"])
    assert '"example"' not in json.dumps(shown["paths"])
    assert {*shown["paths"]} == {*document["paths"]}
    assert "2013-03-01" not in client.get("/docs").text
    for path in ("/openapi.json", "/docs"):
        assert client.get(path, headers={"x-api-key": "wrong"}).status_code == 401
    allowed = client.get("/openapi.json", headers={"x-api-key": secret}).get_json()
    assert json.dumps(allowed).count('"example"') == json.dumps(document).count('"example"')


def test_a_member_called_example_is_no_example() -> None:
    schema = {"properties": {"example": {"type": "string"}}}
    body = {"content": {"application/json": {"schema": schema, "example": {"example": "a"}}}}
    [left] = leave_out_examples({"paths": {"/": body}})["paths"].values()
    assert left == {"content": {"application/json": {"schema": schema}}}


def test_our_own_api_stands_before_the_contracts_of_others(page: str) -> None:
    titles = [html.unescape(title) for title in re.findall(r"<h2>(.*?)</h2>", page)]
    assert titles.index("Forecasts") < titles.index("Predictions") < titles.index("The tutorial's contract")


def test_every_type_and_every_problem_is_described_once(page: str, document: dict[str, Any]) -> None:
    assert sorted(re.findall(r'id="type-(\w+)"', page)) == sorted(document["components"]["schemas"])
    assert re.findall(r'id="problem-([\w-]+)"', page) == [kind.code for kind in KINDS]


def test_every_member_of_a_type_is_listed(page: str, document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        _, _, rest = page.partition(f'id="type-{name}"')
        members = re.findall(r'<th scope="row"><code>(\w+)</code>', rest.partition("</table>")[0])
        assert members == [*schema.get("properties", {})]


def test_every_link_within_the_page_leads_somewhere_once(page: str) -> None:
    anchors = re.findall(r'\bid="([^"]+)"', page)
    assert len(anchors) == len({*anchors})
    assert {*re.findall(r'href="#([^"]+)"', page)} <= {*anchors}


def test_the_example_is_answered_as_the_page_shows(client: FlaskClient, page: str) -> None:
    shown = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", read_route(page, "forecast_v1"), re.DOTALL)
    head, _, body = shown[0].partition("\n\n")
    method, path = head.splitlines()[0].split()
    answer = client.open(path, method=method, data=body, content_type="application/json").get_json()
    assert {**answer, "request_id": ""} == {**json.loads(shown[1]), "request_id": ""}


def test_a_route_that_takes_no_model_of_the_service_has_no_example(page: str) -> None:
    assert "No model of this service is for this route" in read_route(page, "predict_v1")
    assert "<pre" not in read_route(page, "predict_v1")


def test_what_can_be_looked_at_is_a_link_that_opens(client: FlaskClient, page: str) -> None:
    paths = re.findall(r'Look at it here: <a href="([^"]+)"', page)
    assert {"/version", "/v1/models/msft/versions/1/report", "/v2/models/msft"} <= {*paths}
    assert {client.get(path).status_code for path in paths} == {200}


def test_the_page_says_where_a_key_goes(keyed: tuple[FlaskClient, str, str], page: str) -> None:
    with_keys = keyed[0].get("/docs", headers={"x-api-key": keyed[1]}, environ_overrides=ELSEWHERE)
    assert with_keys.status_code == 200
    assert 'data-part="key"' not in with_keys.text
    assert 'data-part="key"' in keyed[0].get("/docs", environ_overrides=ELSEWHERE).text
    assert "x-api-key: KEY" in read_route(with_keys.text, "forecast_v1")
    assert "x-api-key: KEY" not in page
    assert '<a href="/metrics"' not in with_keys.text


def test_without_keys_it_is_for_its_own_machine() -> None:
    client = create_app(Settings()).test_client()
    assert client.get("/docs", environ_overrides=ELSEWHERE).status_code == 401


def test_it_has_the_policy_of_the_console_and_no_style_or_script_of_its_own(client: FlaskClient, page: str) -> None:
    assert client.get("/docs").headers.getlist("Content-Security-Policy") == [CONSOLE_POLICY]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"module\" src=\"/static/)", page)


SPELLED = [
    ({}, "anything"),
    ({"type": "string"}, "text"),
    ({"type": "string", "format": "date"}, "date"),
    ({"type": "number", "minimum": 1, "maximum": 99, "multipleOf": 1}, "whole number from 1 to 99"),
    ({"type": "integer", "minimum": 0}, "whole number from 0 on"),
    ({"enum": ["none", 2]}, '"none" or 2'),
    ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, "whole number or null"),
    ({"type": "array", "items": {"type": ["number", "null"]}}, "list of (number or null)"),
    ({"type": "array", "items": {"type": "array", "items": {"type": "number"}}}, "list of lists of numbers"),
    ({"type": "array", "minItems": 2, "maxItems": 2, "prefixItems": [{"type": "number"}]}, "list of 2: numbers"),
    ({"type": "object", "additionalProperties": {"type": "string"}}, "object from names to text"),
    ({"type": "object"}, "object"),
]


@pytest.mark.parametrize(("schema", "words"), SPELLED)
def test_a_schema_is_spelled_in_words(schema: dict[str, Any], words: str) -> None:
    assert spell_schema(schema) == (Part(words),)


def test_the_names_of_types_are_apart_from_the_words() -> None:
    schema = {"type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/Frame"}, {"type": "null"}]}}
    assert spell_schema(schema) == (Part("list of ("), Part("Frame", is_type=True), Part(" or null)"))


@pytest.mark.parametrize(
    "value", [{}, [], None, 1.5, "ä", {"a": [[1, 2], ["x" * 90]], "b": {"c": {}, "d": ["y" * 90]}}]
)
def test_an_example_is_json_whatever_its_layout(value: object) -> None:
    assert value == "ä" or json.loads(write_example(value)) == value


def test_a_row_of_cells_stands_in_one_line() -> None:
    row = [f"2013-03-{day:02}" for day in range(1, 30)]
    assert write_example({"data": [row]}).splitlines()[2].strip() == json.dumps(row)
