"""A request handed from the router to an arm, and its answer back; if a replica dies, another of the arm is asked."""

import io
import sys
from collections.abc import Awaitable, Callable

from lockstep.doors.door import encode_problem
from lockstep.doors.listed import find_door
from lockstep.runtimes.ray.answering import Answer, InlineApp, Wsgi, call_app, receive_request
from lockstep.runtimes.ray.bodies import CutBody, Receive
from lockstep.runtimes.ray.environ import Environ, Scope, add_body
from lockstep.runtimes.ray.front import LOST
from lockstep.runtimes.ray.repeating import TRIES, is_repeatable, repeat
from lockstep.scoring.problems import ProblemAnswer
from lockstep.web.headers import SECURITY_HEADERS

ERRORS = "wsgi.errors"
"""The one value of an environment that belongs to a process."""

Ask = Callable[[Environ, bytes, bool], Awaitable[Answer]]
"""Hands a request to an arm: its environment, its body, and whether that is whole."""


class RoutingApp(InlineApp):
    """An app of ASGI that answers what an arm answers; `choose` returns the arm of a request.

    `lost` is the error of a replica that died before it had answered. Then another replica of the same arm is asked,
    if the request changes nothing.
    """

    def __init__(self, choose: Callable[[Environ], Ask], lost: type[Exception], max_body_bytes: int) -> None:
        self._choose, self._lost, self._max_body_bytes = choose, lost, max_body_bytes

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Return the answer of an arm, once the body is there."""
        environ, body = await receive_request(scope, receive, self._max_body_bytes)
        sent = {name: value for name, value in environ.items() if name != ERRORS}
        content, is_whole, ask = body.getvalue(), not isinstance(body, CutBody), self._choose(environ)
        try:
            return await repeat(
                lambda: ask(sent, content, is_whole), self._lost, TRIES if is_repeatable(environ) else 1
            )
        except self._lost:
            return refuse(LOST, environ)


def answer_handed(wsgi: Wsgi, environ: Environ, body: bytes, is_whole: bool) -> Answer:
    """Return the answer of an app to what the router has handed over."""
    received = io.BytesIO(body) if is_whole else CutBody(body)
    return call_app(wsgi, add_body({**environ, ERRORS: sys.stderr}, received))


def refuse(problem: ProblemAnswer, environ: Environ) -> Answer:
    """Return a problem as the door of the path writes it."""
    door = find_door(environ["PATH_INFO"])
    encode = door.encode_problem if door else encode_problem
    encoded = encode(problem, environ.get("HTTP_X_REQUEST_ID", ""))
    headers = {"Content-Type": encoded.media_type, **encoded.headers, **SECURITY_HEADERS}
    return Answer(encoded.status, tuple(headers.items()), encoded.body)
