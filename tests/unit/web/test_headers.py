import re

import pytest
from flask.testing import FlaskClient

from lockstep.scoring.keys import new_key
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from lockstep.web.headers import CONSOLE_POLICY, SECURITY_HEADERS, describe_policy

ORIGIN = "https://a.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}


@pytest.fixture(scope="module")
def shared() -> FlaskClient:
    return create_app(Settings(api_keys=(new_key("me")[1],), cors_origins=(ORIGIN,))).test_client()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/ready"),
        ("POST", "/forecast"),
        ("POST", "/v1/forecast"),
        ("GET", "/nope"),
        ("GET", "/forecast"),
    ],
)
def test_every_answer_carries_the_security_headers_once(client: FlaskClient, method: str, path: str) -> None:
    headers = client.open(path, method=method).headers
    for name, value in {**SECURITY_HEADERS, "Content-Security-Policy": describe_policy()}.items():
        assert headers.getlist(name) == [value]


def test_the_page_needs_nothing_that_its_policy_forbids(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.headers.getlist("Content-Security-Policy") == [CONSOLE_POLICY]
    assert "unsafe" not in CONSOLE_POLICY
    assert not re.search(r"<style|<base|<iframe|<object|\sstyle=|\son\w+=|@import|url\(", answer.text)
    assert re.findall(r"<script(?![^>]*src=)", answer.text) == []
    for address in re.findall(r"<(?:script|link)[^>]*(?:src|href)=\"([^\"]+)\"", answer.text):
        assert address.startswith("data:image/") or client.get(address).status_code == 200


@pytest.mark.parametrize(("proxies", "told"), [(0, False), (1, True)])
def test_https_is_asked_for_again_only_where_a_trusted_proxy_says_it_was_used(proxies: int, told: bool) -> None:
    client = create_app(Settings(trusted_proxies=proxies)).test_client()
    headers = client.get("/", headers={"X-Forwarded-Proto": "https"}).headers
    assert ("Strict-Transport-Security" in headers) == told
    assert "Strict-Transport-Security" not in client.get("/").headers


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_nobody_becomes_local_by_saying_so(client: FlaskClient, address: str) -> None:
    claims = {"X-Forwarded-For": address, "Forwarded": f"for={address}", "X-Real-IP": address}
    response = client.post("/forecast", headers=claims, environ_overrides={"REMOTE_ADDR": "10.0.0.7"})
    assert (response.status_code, response.get_json()["code"]) == (401, "unauthorized")


def test_without_origins_no_page_may_read_an_answer(client: FlaskClient) -> None:
    for method, headers in (("GET", {}), ("OPTIONS", PREFLIGHT)):
        answer = client.open("/version", method=method, headers={"Origin": ORIGIN, **headers})
        assert not [name for name in dict(answer.headers) if name.startswith("Access-Control")]


def test_a_page_of_a_listed_origin_may_read_answers_and_errors(shared: FlaskClient) -> None:
    for path in ("/version", "/nope"):
        headers = shared.get(path, headers={"Origin": ORIGIN}).headers
        assert headers["Access-Control-Allow-Origin"] == ORIGIN
        exposed = headers["Access-Control-Expose-Headers"].split(", ")
        assert {"X-Request-Id", "Inference-Header-Content-Length"} <= {*exposed}
        assert "Origin" in headers["Vary"]


def test_a_preflight_of_a_listed_origin_is_answered_without_a_key(shared: FlaskClient) -> None:
    answer = shared.options("/v1/forecast", headers={"Origin": ORIGIN, **PREFLIGHT})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, ORIGIN)
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert {"authorization", "inference-header-content-length", "x-api-key"} <= {
        *answer.headers["Access-Control-Allow-Headers"].split(", ")
    }


@pytest.mark.parametrize("origin", ["https://b.example", f"{ORIGIN}.evil.example", "http://a.example", "null", ""])
def test_any_other_origin_gets_nothing(shared: FlaskClient, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        headers = shared.open("/version", method=method, headers={"Origin": origin, **PREFLIGHT}).headers
        assert "Access-Control-Allow-Origin" not in headers
        assert "Origin" in headers["Vary"]
