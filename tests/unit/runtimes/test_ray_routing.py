"""What the router hands to an arm, and what it makes of an arm that dies, without Ray."""

import asyncio
import json
import pickle
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

import lockstep.runtimes.ray.repeating
from lockstep.runtimes.ray.answering import Answer
from lockstep.runtimes.ray.repeating import TRIES
from lockstep.runtimes.ray.routing import RoutingApp, answer_handed
from tests.unit.runtimes.test_ray_bodies import make_receive, part
from tests.unit.runtimes.test_ray_environ import SCOPE

REQUEST_ID = "0123456789abcdef0123456789abcdef"


class Died(Exception):
    """A replica that died."""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep.runtimes.ray.repeating, "PAUSE_S", 0.0)


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("X-Path", environ["PATH_INFO"])])
    try:
        return [environ["wsgi.input"].read(), environ["wsgi.input"].read()]
    except OSError:
        return [b"cut"]


class Arm:
    """An arm in this process that dies some times before it answers."""

    def __init__(self, deaths: int = 0) -> None:
        self.deaths, self.asked = deaths, 0

    async def answer(self, environ: dict[str, Any], body: bytes, is_whole: bool) -> Answer:
        self.asked += 1
        if self.asked <= self.deaths:
            raise Died
        environ, body, is_whole = pickle.loads(pickle.dumps((environ, body, is_whole)))
        return answer_handed(echo, environ, body, is_whole)


def route(arm: Arm, *messages: Mapping[str, Any], **scope: Any) -> Answer:
    asked = messages or (part(b"abc", more=False),)
    app = RoutingApp(lambda _: arm.answer, Died, 10)
    return asyncio.run(app.answer({**SCOPE, **scope}, make_receive(asked)))


def path(name: str) -> dict[str, Any]:
    headers = [(b"x-request-id", REQUEST_ID.encode())]
    return {"path": name, "raw_path": name.encode(), "root_path": "", "method": "POST", "headers": headers}


def test_a_request_reaches_the_app_of_an_arm_as_it_reaches_one_without_a_router() -> None:
    answer = route(Arm(), **path("/v1/forecast"))
    assert (answer.status, answer.headers, answer.body) == (200, (("X-Path", "/v1/forecast"),), b"abc")


def test_a_body_that_was_cut_off_is_cut_off_for_the_app() -> None:
    cut = {"type": "http.disconnect"}
    assert route(Arm(), part(b"abc", more=True), cut, **path("/v1/forecast")).body == b"cut"


@pytest.mark.parametrize("deaths", [1, TRIES - 1])
def test_a_forecast_is_asked_of_another_replica_if_one_dies(deaths: int) -> None:
    arm = Arm(deaths)
    assert route(arm, **path("/v1/forecast")).body == b"abc"
    assert arm.asked == deaths + 1


@pytest.mark.parametrize(("name", "asked"), [("/v1/forecast", TRIES), ("/orders", 1), ("/v2/models/m/infer", TRIES)])
def test_a_request_that_is_lost_is_a_problem_in_the_form_of_its_door(name: str, asked: int) -> None:
    arm = Arm(deaths=TRIES)
    answer = route(arm, **path(name))
    told = json.loads(answer.body)
    assert (arm.asked, answer.status, told["code"], told["request_id"]) == (asked, 502, "bad-gateway", REQUEST_ID)
    assert ("error" in told) is name.startswith("/v2")
    assert "X-Content-Type-Options" in dict(answer.headers)
