"""What stands before Serve's proxy: one well-formed request id, and problems where Serve itself refuses.

Serve finds `list_middlewares` by the variable RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH, which serve.yaml sets.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from lockstep.doors.door import encode_problem
from lockstep.runtimes.ray.bodies import Message, Receive
from lockstep.runtimes.ray.environ import Scope
from lockstep.scoring.kinds import BAD_GATEWAY, GATEWAY_TIMEOUT, OVERLOADED
from lockstep.scoring.problems import ProblemAnswer
from lockstep.web.headers import SECURITY_HEADERS
from lockstep.web.watching import choose_request_id

Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

REQUEST_ID = b"x-request-id"
OF_SERVE = {
    408: ProblemAnswer(GATEWAY_TIMEOUT, "no replica has answered in time"),
    503: ProblemAnswer(OVERLOADED, "no replica takes the request now; try again", headers=OVERLOADED.headers),
}
"""What Serve answers itself, by status."""
LOST = ProblemAnswer(BAD_GATEWAY, "the replica ended before it had answered; try again")


class Front:
    """An app of ASGI around Serve's."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to Serve, and its answer to the client."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = [value for name, value in scope["headers"] if name == REQUEST_ID]
        request_id = choose_request_id(sent[0].decode("latin-1") if sent else "")
        others = [header for header in scope["headers"] if header[0] != REQUEST_ID]
        answer = Passing(send, request_id)
        await self._app({**scope, "headers": [*others, (REQUEST_ID, request_id.encode())]}, receive, answer.send)
        if not answer.has_begun:
            await answer.refuse(LOST)


class Passing:
    """An answer on its way to the client; one of Serve's own becomes a problem."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id
        self.has_begun = self._is_replaced = False

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer."""
        if not self.has_begun and is_of_serve(message):
            self._is_replaced = True
            await self.refuse(OF_SERVE[message["status"]])
        elif not self._is_replaced:
            self.has_begun = True
            await self._send(message)

    async def refuse(self, problem: ProblemAnswer) -> None:
        """Send a problem as the whole answer."""
        self.has_begun = True
        encoded = encode_problem(problem, self._request_id)
        headers = {
            "Content-Type": encoded.media_type,
            "Content-Length": str(len(encoded.body)),
            "X-Request-Id": self._request_id,
            **encoded.headers,
            **SECURITY_HEADERS,
        }
        written = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": problem.kind.status, "headers": written})
        await self._send({"type": "http.response.body", "body": encoded.body})


def is_of_serve(message: Message) -> bool:
    """Return whether Serve has begun an answer of its own: a text whose length it does not say."""
    if message["type"] != "http.response.start" or message["status"] not in OF_SERVE:
        return False
    headers: dict[bytes, bytes] = dict(message["headers"])
    return headers.get(b"content-type", b"").startswith(b"text/plain") and b"content-length" not in headers


def list_middlewares() -> list[Any]:
    """Return what Serve puts before its proxy."""
    from starlette.middleware import Middleware  # comes with Serve, and only its proxies need it

    return [Middleware(Front)]
