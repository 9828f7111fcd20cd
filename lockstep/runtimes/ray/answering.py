"""The app called in the event loop of a replica, which has one thread: no pool of threads is faster."""

import io
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lockstep.runtimes.ray.bodies import Message, Receive, receive_body
from lockstep.runtimes.ray.environ import Environ, Scope, add_body, describe_request

Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Send = Callable[[Message], Awaitable[None]]

OF_SERVE = {"x-request-id"}
"""Serve adds this header itself, with the id that it has handed over."""


@dataclass(frozen=True)
class Answer:
    """What an app of WSGI answers, whole."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class InlineApp:
    """An app of ASGI that answers what an app of WSGI answers."""

    def __init__(self, app: Wsgi, max_body_bytes: int) -> None:
        self._app, self._max_body_bytes = app, max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. Nothing is to be done when the replica starts and ends, nor for a WebSocket."""
        if scope["type"] == "lifespan":
            await follow_lifespan(receive, send)
        elif scope["type"] == "http":
            await send_answer(await self.answer(scope, receive), send)
        else:
            await send({"type": "websocket.close"})

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Return the answer to a request, once its body is there."""
        environ, body = await receive_request(scope, receive, self._max_body_bytes)
        return call_app(self._app, add_body(environ, body))


async def receive_request(scope: Scope, receive: Receive, max_body_bytes: int) -> tuple[Environ, io.BytesIO]:
    """Return the environment of a request and its body, which has been received; see `receive_body`."""
    environ = describe_request(scope)
    return environ, await receive_body(receive, environ.get("CONTENT_LENGTH", "").strip(), max_body_bytes)


def call_app(app: Wsgi, environ: Environ) -> Answer:
    """Return the whole answer of an app of WSGI."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
        started.append((status, headers))
        return written.append

    written: list[bytes] = []
    parts = app(environ, start_response)
    try:
        body = b"".join([*written, *parts])
    finally:
        if close := getattr(parts, "close", None):
            close()
    status, headers = started[-1]  # an error may replace what was begun
    return Answer(int(status[:3]), tuple(headers), body)


async def send_answer(answer: Answer, send: Send) -> None:
    """Send an answer in two messages."""
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers
        if name.lower() not in OF_SERVE
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def follow_lifespan(receive: Receive, send: Send) -> None:
    """Agree to the start and the end of the replica."""
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
