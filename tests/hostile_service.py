"""A service on loopback that answers whatever bytes a test likes, for as long as it likes."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket], None]
"""Writes an answer to a connection on which a request came; the connection is closed after it."""

MAX_REQUEST_BYTES = 1 << 16


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
                connection.recv(MAX_REQUEST_BYTES)
                answer(connection)
