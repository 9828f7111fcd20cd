"""Which requests may be sent to another replica if one dies before it has answered."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lockstep.doors.listed import DOORS
from lockstep.runtimes.ray.environ import Environ

SAFE = ("GET", "HEAD", "OPTIONS")
SCORING = tuple(
    (route.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path))) for door in DOORS for route in door.routes
)
"""The method and the path of every route that scores; a route of the user's may begin as one of them does."""
TRIES, PAUSE_S = 4, 0.1

Answered = TypeVar("Answered")


def is_repeatable(environ: Environ) -> bool:
    """Return whether a request changes nothing: pages do not, nor do forecasts; a user's own route may."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    return method in SAFE or any(method == each and pattern.fullmatch(path) for each, pattern in SCORING)


async def repeat(ask: Callable[[], Awaitable[Answered]], lost: type[Exception], tries: int) -> Answered:
    """Return what is answered; after the error `lost` ask again, at most `tries` times in all, then raise it."""
    for attempt in range(1, tries):
        try:
            return await ask()
        except lost:
            await asyncio.sleep(PAUSE_S * attempt)
    return await ask()
