"""The windows in Redis, if it does not answer as it should; tests/redis asks a real one."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from lockstep.scoring.redis_windows import MAX_REASON_CHARACTERS, RedisUnusable, RedisWindows

GENEROUS_S = 5.0
"""A request must not wait a multiple of what is allowed; a busy machine may take longer than that."""


GREETED = b"+OK\r\n"


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Take the client's name and version, then give whatever comes an answer; yields the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(GENEROUS_S)

        def run() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.settimeout(GENEROUS_S)
                while commands := connection.recv(4096):
                    connection.sendall(GREETED if b"SETINFO" in commands else answer)

        thread = threading.Thread(target=run)
        thread.start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"
    thread.join(GENEROUS_S)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"-NOAUTH Authentication required.\r\n" * 3, "Authentication"),
        (b"-LOADING Redis is loading\r\n" * 3, "BusyLoadingError"),
        (b"+OK\r\n:3\r\n", "TimeoutError"),
        (b"", "TimeoutError"),
        (b"+OK\r\n:three\r\n:1\r\n", "ValueError"),
        (b"+OK\r\n+three\r\n+one\r\n", "ValueError"),
        (b"+OK\r\n$-1\r\n$-1\r\n", "TypeError"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "InvalidResponse"),
    ],
)
def test_what_is_no_count_is_an_error_in_time(answer: bytes, reason: str) -> None:
    with answering(answer) as url:
        windows, began = RedisWindows(url, 60), time.monotonic()
        with pytest.raises(RedisUnusable, match=reason) as failure:
            windows.count("a")
        assert time.monotonic() - began < GENEROUS_S
        assert len(str(failure.value)) <= MAX_REASON_CHARACTERS
        windows.close()


def test_nobody_there_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(RedisUnusable, match="ConnectionError"):
        RedisWindows(f"redis://127.0.0.1:{port}", 60).count("a")
