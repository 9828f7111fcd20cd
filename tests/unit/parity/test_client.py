import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from flask import Flask, Response, jsonify, request

import lockstep.parity.client
from lockstep.data.bars import Bars
from lockstep.parity.answers import NotOurs, ServiceUnreachable, UnexpectedAnswer
from lockstep.parity.bodies import split_frame
from lockstep.parity.client import PATIENCE, Patience, ServiceClient
from qa.threads import serve_app

BARS = Bars(np.array(["2013-02-28", "2013-03-01"], "datetime64[D]"), np.full((5, 2), 10.1))


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


def test_the_frame_is_written_to_the_bit() -> None:
    assert split_frame(BARS)["data"][0] == ("2013-02-28", 10.1, 10.1, 10.1, 10.1, 10.1)


def test_answers_are_keyed_by_the_answers_own_dates() -> None:
    frame = {"columns": ["y_pred", "date"], "data": [[1.5, "2013-03-01"], [None, "2013-02-28"]]}
    with answering(json.dumps({"forecast": frame})) as (client, _):
        answer = client.forecast(BARS)
    assert (answer.keys, answer.predictions) == (["2013-03-01", "2013-02-28"], [1.5, None])


def test_a_plain_answer_is_keyed_by_the_order_posted() -> None:
    with answering('{"y_pred": "[1.5, 2.5]"}') as (client, posted):
        answer = client.forecast_plain(BARS)
    assert (answer.keys, answer.predictions) == (["2013-02-28", "2013-03-01"], [1.5, 2.5])
    assert b"10.1" in posted[0]


@pytest.mark.parametrize(
    "body", ["{", "[]", "null", "{}", '{"forecast": null}', '{"forecast": {"columns": [], "data": []}}',
             '{"y_pred": null}', '{"y_pred": "[[1.0], 2.0]"}',
             '{"forecast": {"columns": ["date", "y_pred"], "data": [["d", [1.0]]]}}',
             '{"forecast": {"columns": ["date", "y_pred", "proba_up"], "data": [["d", "up", {}]]}}',
             '{"forecast": {"columns": ["date", "y_pred"], "data": [[["d"], 1.0]]}}',
             '{"forecast": {"columns": ["date", "y_pred"], "data": [["d", 1.0]]}, "trace": {"rows": [0], "leaf": 7}}',
             '{"y_pred": [1.0, 2.0]}', '{"y_pred": "[1.0]"}', '{"y_pred": "[]"}'],
)  # fmt: skip
def test_an_answer_that_is_no_forecast_is_unexpected(body: str) -> None:
    with answering(body) as (client, _):
        for ask in (client.forecast, client.forecast_plain):
            with pytest.raises(UnexpectedAnswer):
                ask(BARS)


@pytest.mark.parametrize("status", [400, 401, 422, 500])
def test_a_refusal_is_unexpected_and_not_tried_again(status: int) -> None:
    with answering(("what is wrong", status)) as (client, posted):
        with pytest.raises(UnexpectedAnswer, match=f"{status}: what is wrong"):
            client.forecast(BARS)
        assert (len(posted), client.retries) == (1, 0)


def test_a_limit_ends_the_run_and_is_no_difference() -> None:
    limited = Response("slower", status=429, headers={"Retry-After": "41"})
    with answering(limited) as (client, posted):
        with pytest.raises(NotOurs, match=r"lets no more requests in for 41 s: .* LOCKSTEP_RATE_LIMIT"):
            client.forecast(BARS)
        assert len(posted) == 1


def test_503_is_tried_again_and_counted() -> None:
    with answering(("busy", 503), ("busy", 503), '{"y_pred": "[1.0, 2.0]"}') as (client, _):
        assert client.forecast_plain(BARS).predictions == [1.0, 2.0]
        assert client.retries == 2


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
            client.forecast_plain(BARS)
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
            client.post_frame(BARS, "stored", "digests")
    assert client.digests == {(True, "d"): 1, (False, "d"): 1, (True, ""): 1}
    assert [path for path, seconds in client.timings if seconds > 0] == ["/v1/forecast"] * 3


@pytest.mark.parametrize("named", [{}, {"model": 'A"B'}, {"model": "m", "version": 3}])
def test_the_model_and_the_version_are_named_if_they_are_set(named: dict[str, Any]) -> None:
    body = ServiceClient("http://service", **named).name_model(b'{"columns": []}')
    assert json.loads(body) == {**named, "dataframe_split": {"columns": []}}


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
        for ask in (client.get_version, lambda: client.forecast(BARS), lambda: client.forecast_plain(BARS)):
            with pytest.raises(UnexpectedAnswer):
                ask()


def test_user_agent_and_content_type_of_a_request_are_the_callers_to_choose() -> None:
    seen: list[tuple[str | None, str | None]] = []
    app = Flask("echo")

    @app.route("/<path:_>", methods=["POST"])
    def answer(_: str) -> str:
        seen.append((request.headers.get("User-Agent"), request.headers.get("Content-Type")))
        return json.dumps({"forecast": {"columns": ["date", "y_pred"], "data": []}})

    with serve_app(app) as url:
        client = ServiceClient(url)
        client.forecast(BARS, headers={"User-Agent": "curl/8.5.0", "Content-Type": "text/json"})
        client.post_text(b"{}", {"User-Agent": None, "Content-Type": None})
        client.post_text(b"{}")
    assert seen[:2] == [("curl/8.5.0", "text/json"), (None, None)]
    assert seen[2][1] == "application/json"
