"""A service on loopback that answers whatever bytes a test likes, for as long as it likes."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket], None]
"""Writes an answer to a connection on which a request came; the connection is closed after it."""

HEAD = re.compile(rb"(?:(?!\r\n\r\n)(?:content-length: *(\d+)|.))*\r\n\r\n", re.DOTALL | re.IGNORECASE)
BLOCK_BYTES = 1 << 16
DRIPS = 1_200
PAUSE_S = 0.05


@contextmanager
def serve_bytes(answer: Answer) -> Iterator[str]:
    """Lend the URL of a service while the block runs; every connection gets one answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, answer))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the accept
            thread.join()


def _accept(listener: socket.socket, answer: Answer) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):  # the client went
                connection.settimeout(5.0)
                _read_request(connection)
                answer(connection)


def _read_request(connection: socket.socket) -> None:
    """Read all of a request: closing a connection with unread bytes would take the answer back."""
    request = bytearray()
    while not (head := HEAD.match(request)) or len(request) < head.end() + int(head[1] or 0):
        if not (received := connection.recv(BLOCK_BYTES)):
            return
        request += received


def drip(head: bytes, drop: bytes) -> Answer:
    """Return an answer that goes on for a minute, a drop at a time, so that no read of it waits long."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(DRIPS):
            connection.sendall(drop)
            time.sleep(PAUSE_S)

    return answer
