"""The app as a replica of Ray Serve calls it, without Ray."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lockstep.runtimes.ray.answering import InlineApp, call_app
from tests.unit.runtimes.test_ray_bodies import make_receive, part
from tests.unit.runtimes.test_ray_environ import SCOPE

Message = dict[str, Any]


def ask(app: Any, *messages: Message, **scope: Any) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = messages or (part(b"abc", more=False),)
    asyncio.run(InlineApp(app, 10)({**SCOPE, **scope}, make_receive(asked), send))
    return sent


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("201 Created", [("X-Request-Id", "1"), ("Content-Type", "text/plain"), ("X-Name", "ü")])
    yield environ["wsgi.input"].read()
    yield b"!"


def test_an_answer_is_sent_whole() -> None:
    head, body = ask(echo)
    assert (head["type"], head["status"]) == ("http.response.start", 201)
    assert body == {"type": "http.response.body", "body": b"abc!"}


def test_headers_are_sent_as_bytes_and_the_request_id_is_left_to_serve() -> None:
    assert ask(echo)[0]["headers"] == [(b"content-type", b"text/plain"), (b"x-name", b"\xfc")]


def test_an_app_that_replaces_its_answer_and_writes_is_understood() -> None:
    def app(_: object, start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [])
        start_response("500 Internal Server Error", [], None)(b"first ")
        return [b"then"]

    answer = call_app(app, {})
    assert (answer.status, answer.body) == (500, b"first then")


def test_an_answer_is_closed_even_if_it_breaks() -> None:
    closed = []

    class Broken:
        def __iter__(self) -> Iterator[bytes]:
            raise ValueError("broken")

        def close(self) -> None:
            closed.append(True)

    with pytest.raises(ValueError, match="broken"):
        call_app(lambda _, start: (start("200 OK", []), Broken())[1], {})
    assert closed == [True]


def test_the_start_and_the_end_of_a_replica_are_agreed_to() -> None:
    sent = ask(echo, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}, type="lifespan")
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_websocket_is_closed() -> None:
    assert ask(echo, type="websocket") == [{"type": "websocket.close"}]
