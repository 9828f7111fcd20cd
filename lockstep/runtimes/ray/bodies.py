"""The body of a request, taken from ASGI's messages before the app is called: a slow client holds up nobody."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

ARRIVAL_S = 20.0
"""How long a body may take to arrive; below a router's 30 s."""


class CutBody(io.BytesIO):
    """A body whose end did not arrive; whoever reads that far meets an OSError, as at a socket."""

    def read(self, size: int | None = -1) -> bytes:
        """Return what has arrived, then raise OSError."""
        part = super().read(size)
        if not part and size != 0:
            raise ConnectionResetError("the body was not sent to its end")
        return part


async def receive_body(receive: Receive, declared: str, max_bytes: int, arrival_s: float = ARRIVAL_S) -> io.BytesIO:
    """Return the body as a stream; of one that is too large, only so much that the app refuses it.

    The app refuses a length above the limit without reading, so nothing is received of such a body. Of one without a
    declared length, what is received goes beyond the limit by the last message at most.
    """
    if declared.isascii() and declared.isdigit() and int(declared) > max_bytes:
        return CutBody()
    body = bytearray()
    try:
        async with asyncio.timeout(arrival_s):
            while len(body) <= max_bytes + 1:  # what is one byte longer shows to whoever reads the limit
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    is_whole = message["type"] == "http.request"
                    return io.BytesIO(body) if is_whole else CutBody(body)
    except TimeoutError:
        pass
    return CutBody(body)
