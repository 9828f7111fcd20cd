import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request

import lockstep.parity.client
from lockstep.parity.answers import NotOurs, ServiceUnreachable, UnexpectedAnswer, read_json
from lockstep.parity.client import PATIENCE, Patience, ServiceClient
from qa.threads import serve_app

NOTHING_SAID = {"User-Agent": None, "Content-Type": None}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep.parity.client, "FIRST_PAUSE_S", 0.0)


@contextmanager
def answering(*responses: Response | str | tuple[str, int]) -> Iterator[tuple[ServiceClient, list[bytes]]]:
    app, posted, queue = Flask("stub"), [], list(responses)

    @app.route("/<path:_>", methods=["GET", "POST"])
    def answer(_: str) -> Response | str | tuple[str, int]:
        posted.append(request.get_data())
        return queue.pop(0) if len(queue) > 1 else queue[0]

    with serve_app(app) as url:
        yield ServiceClient(url + "/", api_key="k"), posted


def post(client: ServiceClient) -> Any:
    return read_json(client.send("POST", "/forecast", b"{}"))


@pytest.mark.parametrize("status", [400, 401, 422, 500])
def test_a_refusal_is_unexpected_and_not_tried_again(status: int) -> None:
    with answering(("what is wrong", status)) as (client, posted):
        with pytest.raises(UnexpectedAnswer, match=f"{status}: what is wrong"):
            post(client)
        assert (len(posted), client.retries) == (1, 0)


def test_a_limit_ends_the_run_and_is_no_difference() -> None:
    limited = Response("slower", status=429, headers={"Retry-After": "41"})
    with answering(limited) as (client, posted):
        with pytest.raises(NotOurs, match=r"lets no more requests in for 41 s: .* LOCKSTEP_RATE_LIMIT"):
            post(client)
        assert len(posted) == 1


def test_503_is_tried_again_and_counted() -> None:
    with answering(("busy", 503), ("busy", 503), '{"y_pred": "[1.0]"}') as (client, _):
        assert (post(client), client.retries) == ({"y_pred": "[1.0]"}, 2)


def test_503_for_ever_is_unreachable_after_a_bounded_number_of_attempts() -> None:
    with answering(("busy", 503)) as (client, posted):
        with pytest.raises(ServiceUnreachable, match="503"):
            client.get_version()
        assert len(posted) == PATIENCE.attempts


def test_a_client_of_one_attempt_waits_no_longer_than_it_was_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = ServiceClient(f"http://127.0.0.1:{silent.getsockname()[1]}", patience=Patience(1, 0.05))
        with pytest.raises(ServiceUnreachable, match=r"ReadTimeout in each of 1 attempt"):
            client.get_version()
    assert client.retries == 0


def test_no_service_is_unreachable() -> None:
    with answering("{}") as (client, _):
        pass
    with pytest.raises(ServiceUnreachable, match="ConnectionError"):
        client.get_version()


def test_a_redirect_is_not_followed_with_the_key() -> None:
    elsewhere = Response(status=307, headers={"Location": "http://127.0.0.1:9/forecast"})
    with answering(elsewhere) as (client, posted):
        with pytest.raises(UnexpectedAnswer, match="answered 307"):
            post(client)
        assert len(posted) == 1


MODEL = {"name": "m", "version": 3, "aliases": ["champion"], "symbol": "S", "digest": "d", "default": True}
VERSION = {"models": [MODEL], "libraries": {}, "self_check": {"m/3": {"equal": True}}}


def test_version_is_read() -> None:
    app = Flask("version")
    app.add_url_rule("/version", "version", lambda: jsonify(**VERSION, commit="abc"))
    with serve_app(app) as url:
        version = ServiceClient(url).get_version()
    assert (version.models[0].digest, version.self_check["m/3"].equal, version.commit) == ("d", True, "abc")
    assert version.machine is None


def test_digests_of_forecasts_and_of_other_answers_are_counted_apart() -> None:
    told = {"X-Model-Digest": "d"}
    with answering(Response("{}", headers=told), Response("no", status=422, headers=told), Response("{}")) as (
        client,
        _,
    ):
        for _ in range(3):
            client.send("POST", "/v1/forecast", b"{}")
    assert client.digests == {(True, "d"): 1, (False, "d"): 1, (True, ""): 1}
    assert [path for path, seconds in client.timings if seconds > 0] == ["/v1/forecast"] * 3


@pytest.mark.parametrize("named", [{}, {"model": 'A"B'}, {"model": "m", "version": 3}])
def test_the_model_and_the_version_are_named_if_they_are_set(named: dict[str, Any]) -> None:
    assert ServiceClient("http://service", **named).named == named


@pytest.mark.parametrize("body", ["[]", "{}", "<html>"])
def test_a_server_that_is_no_such_service_is_told_apart(body: str) -> None:
    with answering(body) as (client, _), pytest.raises(NotOurs, match="no Lockstep service"):
        client.check_access()


def test_a_key_that_is_not_taken_is_told_before_any_check() -> None:
    with (
        answering(json.dumps(VERSION), ("who are you", 401)) as (client, _),
        pytest.raises(NotOurs, match="another key"),
    ):
        client.check_access()


def test_an_answer_that_is_nested_without_end_is_unexpected() -> None:
    with answering("[" * 200_000) as (client, _):
        for ask in (client.get_version, lambda: post(client)):
            with pytest.raises(UnexpectedAnswer):
                ask()


def test_user_agent_and_content_type_of_a_request_are_the_callers_to_choose() -> None:
    seen: list[tuple[str | None, str | None]] = []
    app = Flask("echo")

    @app.route("/<path:_>", methods=["POST"])
    def answer(_: str) -> str:
        seen.append((request.headers.get("User-Agent"), request.headers.get("Content-Type")))
        return "{}"

    with serve_app(app) as url:
        client = ServiceClient(url)
        for headers in ({"User-Agent": "curl/8.5.0", "Content-Type": "text/json"}, NOTHING_SAID, {}):
            client.send("POST", "/v1/forecast", b"{}", headers)
    assert seen[:2] == [("curl/8.5.0", "text/json"), (None, None)]
    assert seen[2][1] == "application/json"
