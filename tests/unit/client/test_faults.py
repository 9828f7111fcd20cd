"""Faults on the way: what is tried again, what a stranger's answer says, and that every error is typed."""

import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pandas as pd
import pytest

from lockstep.client import ClientError
from lockstep.client.errors import (
    Busy,
    KeyRefused,
    NoAnswer,
    NotLockstep,
    NotSent,
    Refused,
    RowsRefused,
    ServiceFailed,
    TooLarge,
)
from lockstep.client.problems import BY_CODE, BY_STATUS
from lockstep.scoring.keys import new_key
from lockstep.scoring.kinds import KINDS as KINDS_OF_PROBLEMS
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from tests.unit.client.callers import KINDS, URL, Caller, answer_in_turn, answer_with

BARS = pd.DataFrame(
    {"open": [24.66], "high": [24.79], "low": [24.52], "close": [24.77], "volume": [38157500]},
    index=pd.DatetimeIndex(["2013-03-04"]),
)
CLOCK_S = 1.0
"""What passes between two looks at a clock on a machine that is busy."""
FORECAST = {
    "forecast": {"columns": ["date", "y_pred"], "index": [0], "data": [["2013-03-04", 1.5]]},
    "model": {"digest": "d"}, "warnings": [], "request_id": "r",
}  # fmt: skip


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of either client, none of which is waited for."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("lockstep.client.blocking.sleep", pauses.append)
    monkeypatch.setattr("lockstep.client.asynchronous.sleep", pause)
    return pauses


def good() -> httpx.Response:
    return httpx.Response(200, json=FORECAST)


def problem(status: int, code: str, **members: Any) -> httpx.Response:
    body = {"status": status, "code": code, "title": "title", "detail": "detail", "request_id": "r", **members}
    return httpx.Response(status, json=body, headers={"content-type": "application/problem+json"})


PASSING: dict[str, Callable[[], httpx.Response | Exception]] = {
    "refused": lambda: httpx.ConnectError("refused"),
    "no connection in time": lambda: httpx.ConnectTimeout("slow"),
    "no answer in time": lambda: httpx.ReadTimeout("slow"),
    "reset": lambda: httpx.ReadError("reset"),
    "reset as the body is sent": lambda: httpx.WriteError("reset"),
    "cut off": lambda: httpx.RemoteProtocolError("cut off"),
    "overloaded": lambda: problem(503, "overloaded"),
    "a proxy without a service": lambda: httpx.Response(502),
    "a limit": lambda: problem(429, "too-many-requests"),
    "a page that says when": lambda: httpx.Response(503, text="<html>", headers={"retry-after": "2"}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_not_seen(kind: str, fault: str, waited: list[float]) -> None:
    assert Caller(kind, answer_in_turn(PASSING[fault](), good()))("forecast", BARS)["y_pred"].tolist() == [1.5]
    demanded = 2.0 if "says when" in fault else 0.0
    assert len(waited) == 1
    assert demanded <= waited[0] <= demanded + 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_that_stays_is_named_after_the_last_attempt(kind: str, waited: list[float]) -> None:
    faults = [httpx.ConnectError("refused")] * 3
    with pytest.raises(NoAnswer, match=r"no answer from http://127\.0\.0\.1:5000/version: ConnectError: refused \(3 "):
        Caller(kind, answer_in_turn(*faults), attempts=3)("version")
    assert len(waited) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_each_attempt_has_its_time_and_all_of_them_have_theirs(kind: str) -> None:
    given: list[float] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        given.append(request.extensions["timeout"]["read"])
        raise httpx.ConnectError("refused")

    with pytest.raises(NoAnswer):
        Caller(kind, refuse, timeout_s=7.0, total_s=40.0, attempts=3)("version")
    with pytest.raises(NoAnswer):
        Caller(kind, refuse, timeout_s=7.0, total_s=3.0, attempts=1)("version")
    assert given == [7.0, 7.0, 7.0, pytest.approx(3.0, abs=CLOCK_S)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_drips_is_cut_off(kind: str) -> None:
    class Drip(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Any:
            while True:
                yield b" "

        async def __aiter__(self) -> Any:
            while True:
                yield b" "

    with pytest.raises(NoAnswer, match="ReadTimeout: the answer did not end in time"):
        Caller(kind, lambda _: httpx.Response(200, stream=Drip()), timeout_s=0.05, attempts=1)("version")


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(200, html="<html><head><title>\n Sign in </title>"), "status 200, text/html, title 'Sign in'"),
        (httpx.Response(200, html="<p>Welcome to nginx!", headers={"server": "nginx"}), "server 'nginx'"),
        (httpx.Response(403, headers={"server": "AirTunes/770.8.1"}), "status 403, no content type, server 'AirTunes"),
        (httpx.Response(301, headers={"location": "https://host/"}), "leads to 'https://host/' (301): give the client"),
        (httpx.Response(404, json={"detail": "Not Found"}), "status 404, application/json"),
        (httpx.Response(200, json={"y": 1}), "answered JSON of another form: Object missing required field"),
        (httpx.Response(200, json=[1]), "answered JSON of another form"),
        (httpx.Response(200, content=b'{"model":' * 100_000, headers=JSON), "maximum recursion depth exceeded"),
        *(
            (httpx.Response(200, json={"request_id": "r", "warnings": [], **wrong}), "answered JSON of another form")
            for wrong in (
                {"forecast": {"columns": ["date", "y"], "data": [["2024-01-02"]]}},
                {"forecast": {"columns": ["y"], "data": [[1.0]]}},
                {"forecast": {"columns": ["date"], "data": [["soon"]]}},
                {"forecast": {"columns": ["date"], "data": []}, "problems": [{}]},
            )
        ),
        (httpx.Response(200, content=b"\xff"), "status 200, no content type"),
        (httpx.Response(200), "status 200, no content type"),
        (httpx.Response(204), "status 204"),
        (httpx.Response(500, text="Internal Server Error"), "status 500, text/plain"),
    ],
)
def test_a_stranger_s_answer_is_described(answer: httpx.Response, says: str) -> None:
    with pytest.raises(NotLockstep) as refused:
        Caller("blocking", answer_in_turn(answer))("forecast", BARS)
    assert says in str(refused.value)
    assert f"{URL}/v1/forecast" in str(refused.value)


def test_another_service_s_version_is_none_of_ours() -> None:
    with pytest.raises(NotLockstep, match="this is no Lockstep service"):
        Caller("blocking", answer_in_turn(httpx.Response(200, json={"version": "1.2"})))("version")


@pytest.mark.parametrize("kind", KINDS_OF_PROBLEMS, ids=lambda kind: str(kind.code))
def test_every_kind_of_problem_is_an_error_of_the_tree(kind: Any) -> None:
    with pytest.raises(Refused) as refused:
        Caller("blocking", answer_in_turn(problem(kind.status, kind.code)), attempts=1)("forecast", BARS)
    expected = BY_CODE.get(kind.code) or BY_STATUS.get(kind.status, Refused)
    assert type(refused.value) is expected
    assert (refused.value.code, refused.value.status, refused.value.request_id) == (kind.code, kind.status, "r")


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "unauthorized", KeyRefused), (413, "too-large", TooLarge), (422, "missing-bars", RowsRefused),
        (429, "too-many-requests", Busy), (503, "overloaded", Busy), (503, "unproven-series", ServiceFailed),
        (500, "internal", ServiceFailed), (415, "media-type", Refused), (499, "of tomorrow", Refused),
    ],
)  # fmt: skip
def test_problems_that_programs_treat_apart_have_types_of_their_own(status: int, code: str, error: type) -> None:
    with pytest.raises(ClientError) as refused:
        Caller("blocking", answer_in_turn(problem(status, code)), attempts=1)("forecast", BARS)
    assert type(refused.value) is error


def test_errors_survive_the_way_out_of_a_process() -> None:
    cells = [{"row": 0, "column": "close", "reason": "is odd"}]
    with pytest.raises(RowsRefused) as refused:
        Caller("blocking", answer_in_turn(problem(422, "invalid-input", problems=cells, total=30)))("forecast", BARS)
    back = pickle.loads(pickle.dumps(refused.value))
    assert (str(back), back.errors, back.problem) == (str(refused.value), refused.value.errors, refused.value.problem)
    assert str(back).endswith("\n  row 0 (2013-03-04), close: is odd\n  and 29 more")


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_sent_and_a_wrong_one_is_named_without_it(kind: str) -> None:
    key, entry = new_key("me")
    handler = answer_with(create_app(Settings(api_keys=(entry,))).wsgi_app)
    assert len(Caller(kind, handler, key=key)("forecast", BARS)) == 1
    for wrong in ("wrong", None):
        with pytest.raises(KeyRefused, match=r"401 unauthorized: .*Client\(url, key\)") as refused:
            Caller(kind, handler, key=wrong)("forecast", BARS)
        assert wrong is None or wrong not in str(refused.value)


def test_a_key_of_other_letters_than_ascii_is_sent_as_utf_8() -> None:
    sent = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(dict(request.headers.raw)[b"x-api-key"])
        return httpx.Response(200, json={"models": []})

    Caller("blocking", handle, key="schlüssel")("version")
    assert sent == ["schlüssel".encode()]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("127.0.0.1:5000", "Client('http://127.0.0.1:5000')"),
        ("localhost:5000", "Client('http://localhost:5000')"),
        ("my-app.herokuapp.com", "Client('https://my-app.herokuapp.com')"),
        ("ftp://host", "expected http://HOST:PORT or https://HOST"),
        ("http://", "expected http://HOST:PORT"),
        ("", "has no http:// or https:// in front"),
        ("http://host:port", "cannot be read"),
        ("http://host /", "is not one of HTTP"),
        ("http://host/?a=b", "has a query or a fragment"),
        ("http://host/?key=s3cret", "the address has a query or a fragment"),
        ("http://s3cret:@host", "pass the key as Client(url, key)"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_at_once(url: str, says: str) -> None:
    with pytest.raises(NotSent) as refused:
        Caller("blocking", answer_in_turn(), url=url)("version")
    assert says in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("options", [{"key": ""}, {"key": "s3cret\n"}, {"digest": "f1dcf3"}, {"digest": "F" * 64},
                                     {"attempts": 0}, {"timeout_s": 0.0}, {"total_s": -1.0}])  # fmt: skip
def test_an_option_that_cannot_be_right_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(NotSent) as refused:
        Caller("blocking", answer_in_turn(), **options)("version")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", [f"{URL}/", f"{URL}/behind/a/prefix", "https://host"])
def test_routes_stand_behind_the_address(url: str) -> None:
    asked = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"models": []})

    Caller("blocking", handle, url=url)("version")
    assert asked == [f"{url.rstrip('/')}/version"]


def test_an_address_with_a_route_in_it_says_so() -> None:
    handler = answer_with(create_app(Settings()).wsgi_app)
    with pytest.raises(ClientError, match="give the client the address of the service alone, without a route"):
        Caller("blocking", handler, url=f"{URL}/v1/forecast")("forecast", BARS)
