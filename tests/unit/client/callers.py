"""Both clients as one: what is called in tests, over a transport that answers in this process."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from lockstep.client import AsyncClient, Client

URL = "http://127.0.0.1:5000"
Handler = Callable[[httpx.Request], httpx.Response]
KINDS = ("blocking", "asynchronous")


class Caller:
    """One of the clients; a method is called by its name, and waited for. Without a handler it goes over sockets."""

    def __init__(self, kind: str, handler: Handler | None, **options: Any) -> None:
        self._kind = kind
        self._handler = handler
        self._options = {"url": URL, **options}

    def __call__(self, method: str, *arguments: Any, **named: Any) -> Any:
        transport = None if self._handler is None else httpx.MockTransport(self._handler)
        if self._kind == "blocking":
            with Client(**self._options, transport=transport) as client:
                return getattr(client, method)(*arguments, **named)

        async def call() -> Any:
            async with AsyncClient(**self._options, transport=transport) as client:
                return await getattr(client, method)(*arguments, **named)

        return asyncio.run(call())


def answer_with(app: Any) -> Handler:
    """Return what a WSGI app answers."""
    transport = httpx.WSGITransport(app=app)

    def handle(request: httpx.Request) -> httpx.Response:
        response = transport.handle_request(request)
        body = b"".join(response.stream)  # type: ignore[arg-type] # of this transport it is one of bytes
        return httpx.Response(response.status_code, headers=response.headers, content=body)

    return handle


def answer_in_turn(*answers: httpx.Response | Exception) -> Handler:
    """Return a handler that gives each answer once, in order."""
    left: Iterator[httpx.Response | Exception] = iter(answers)

    def handle(_: httpx.Request) -> httpx.Response:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handle
