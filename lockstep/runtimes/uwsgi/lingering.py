"""An answer to a request whose body was not read, such as 401 or 413, reaches its client.

uWSGI closes a connection after the answer. If bytes of the client are left then, the kernel sends a reset, which may
overtake the answer. So what is left is read and thrown away first.
"""

import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LINGER_S = 2.0
MOST_DRAINED = 2**26
"""How long and how many bytes are read; a worker answers nobody else meanwhile."""
AT_A_TIME = 2**18


class Lingering:
    """An app whose connections are ended in order. `find_connection` returns the descriptor of the current one."""

    def __init__(self, app: Wsgi, find_connection: Callable[[], int]) -> None:
        self._app, self._find_connection = app, find_connection

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        return LingeringAnswer(self._app(environ, start_response), environ, self._find_connection)


class LingeringAnswer:
    """The body of an answer; uWSGI closes it when it is sent."""

    def __init__(self, body: Any, environ: dict[str, Any], find_connection: Callable[[], int]) -> None:
        self._body, self._environ, self._find_connection = body, environ, find_connection

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """End the request, then its connection."""
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            if has_unread(self._environ):
                with suppress(OSError), socket.socket(fileno=os.dup(self._find_connection())) as connection:
                    drain(connection)


def has_unread(environ: dict[str, Any]) -> bool:
    """Return whether bytes of the body may be left; those of a body in chunks always are, for uWSGI reads none."""
    length = environ.get("CONTENT_LENGTH", "").strip()
    declared = int(length) if length.isascii() and length.isdigit() else 0
    return "HTTP_TRANSFER_ENCODING" in environ or environ["wsgi.input"].tell() < declared


def drain(connection: socket.socket) -> None:
    """Say that the answer has ended, and read until the client has ended as well; raise OSError if it is gone."""
    connection.shutdown(socket.SHUT_WR)
    deadline, drained = time.monotonic() + LINGER_S, 0
    while drained < MOST_DRAINED and (left_s := deadline - time.monotonic()) > 0:
        connection.settimeout(left_s)
        received = len(connection.recv(AT_A_TIME))
        if not received:
            return
        drained += received
