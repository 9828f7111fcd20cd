"""Which requests may be sent to another replica if one dies before it has answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lockstep.doors.listed import find_door
from lockstep.runtimes.ray.environ import Environ

SAFE = ("GET", "HEAD", "OPTIONS")
TRIES, PAUSE_S = 4, 0.1

Answered = TypeVar("Answered")


def is_repeatable(environ: Environ) -> bool:
    """Return whether a request changes nothing: pages do not, nor do forecasts; a user's own route may."""
    return environ["REQUEST_METHOD"] in SAFE or find_door(environ["PATH_INFO"]) is not None


async def repeat(ask: Callable[[], Awaitable[Answered]], lost: type[Exception], tries: int) -> Answered:
    """Return what is answered; after the error `lost` ask again, at most `tries` times in all, then raise it."""
    for attempt in range(1, tries):
        try:
            return await ask()
        except lost:
            await asyncio.sleep(PAUSE_S * attempt)
    return await ask()
