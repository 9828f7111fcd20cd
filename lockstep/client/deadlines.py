"""The time of an attempt as a whole: httpx limits each read and each write alone, so a byte now and then has no end."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx

CONNECTED = ("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")
"""The events of httpx's trace that bring a new stream, of a proxy too."""
LATE = "the answer did not end in time"
BLOCK_BYTES = 16_384
"""What is written at once: httpx gives each part of it that a slow reader takes the whole time again."""


@dataclass(frozen=True)
class Deadline:
    """When an attempt has to be over, by a clock of seconds."""

    ends: float
    now: Callable[[], float]

    def count_left(self) -> float:
        """Return the seconds that are left; raise `httpx.ReadTimeout` if there are none."""
        left = self.ends - self.now()
        if left <= 0.0:
            raise httpx.ReadTimeout(LATE)
        return left

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Limit by this deadline whatever this thread reads and writes while the block runs."""
        token = _HELD.set(self)
        try:
            yield
        finally:
            _HELD.reset(token)


_HELD: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def limit_stream(event: str, told: Mapping[str, Any]) -> None:
    """Let the held deadline limit each read and write of a new stream; a `trace` of httpx."""
    if event.endswith(CONNECTED):
        stream = told["return_value"]
        stream.read, stream.start_tls = _shorten(stream.read), _shorten(stream.start_tls)
        stream.write = _write_blocks(_shorten(stream.write))


def _shorten(call: Callable[..., Any]) -> Callable[..., Any]:
    def call_in_time(*given: Any, timeout: float | None = None, **named: Any) -> Any:
        held = _HELD.get()
        return call(*given, timeout=held.count_left() if held else timeout, **named)

    return call_in_time


def _write_blocks(write: Callable[..., None]) -> Callable[..., None]:
    def write_all(buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), BLOCK_BYTES):
            write(buffer[start : start + BLOCK_BYTES], timeout=timeout)

    return write_all
