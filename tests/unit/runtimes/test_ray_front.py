"""What stands before Serve's proxy, without Serve."""

import asyncio
import json
from typing import Any

import pytest

from lockstep.runtimes.ray.bodies import Message, Receive
from lockstep.runtimes.ray.front import Asgi, Front, Send
from tests.unit.runtimes.test_ray_environ import SCOPE

LONG_ID = "0123456789abcdef0123"
TEXT = (b"content-type", b"text/plain; charset=utf-8")


def answer(app: Asgi, *ids: bytes) -> tuple[Any, dict[bytes, bytes], bytes]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    headers = [(b"host", b"localhost"), *((b"x-request-id", each) for each in ids)]
    asyncio.run(Front(app)({**SCOPE, "headers": headers}, receive, send))
    bodies = [message["body"] for message in sent[1:]]
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(bodies)


def make_app(status: int, *headers: tuple[bytes, bytes], body: bytes = b"Serve's own") -> Asgi:
    """Return an app that answers as Serve's proxy does, with the id that it was handed."""

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        ids = [header for header in scope["headers"] if header[0] == b"x-request-id"]
        assert len(ids) == 1
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *ids]})
        await send({"type": "http.response.body", "body": body})

    return app


async def give_nothing(scope: Any, receive: Receive, send: Send) -> None:
    """Do what Serve does when the replica of a request dies."""


def test_a_well_formed_request_id_is_handed_on() -> None:
    assert answer(make_app(200), LONG_ID.encode())[1][b"x-request-id"] == LONG_ID.encode()


@pytest.mark.parametrize("sent", [(), (b"short",), (b"\xff" * 20,), (b"short", LONG_ID.encode())])
def test_any_other_request_id_is_replaced(sent: tuple[bytes, ...]) -> None:
    given = answer(make_app(200), *sent)[1][b"x-request-id"]
    assert given not in sent
    assert len(given) == 32


@pytest.mark.parametrize(("status", "answered", "code"), [(503, 503, "overloaded"), (408, 504, "gateway-timeout")])
def test_what_serve_refuses_itself_becomes_a_problem(status: int, answered: int, code: str) -> None:
    told, headers, body = answer(make_app(status, TEXT), LONG_ID.encode())
    problem = json.loads(body)
    assert (told, problem["code"], problem["request_id"]) == (answered, code, LONG_ID)
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers[b"x-request-id"] == LONG_ID.encode()
    assert headers[b"content-length"] == str(len(body)).encode()


def test_a_caller_that_is_to_come_again_is_told_when() -> None:
    assert answer(make_app(503, TEXT))[1][b"retry-after"] == b"1"


def test_a_request_whose_replica_died_gets_a_problem() -> None:
    told, headers, body = answer(give_nothing, LONG_ID.encode())
    assert (told, json.loads(body)["code"], headers[b"x-request-id"]) == (502, "bad-gateway", LONG_ID.encode())


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (503, (TEXT, (b"content-length", b"11"))),
        (503, ((b"content-type", b"application/problem+json"),)),
        (404, (TEXT,)),
        (200, (TEXT,)),
    ],
)
def test_what_an_app_answers_is_handed_on(status: int, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    told, given, body = answer(make_app(status, *headers))
    assert (told, body) == (status, b"Serve's own")
    assert dict(headers).items() <= given.items()
