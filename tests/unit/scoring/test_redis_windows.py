"""The client of Redis, against a server that says what a test tells it to say."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from lockstep.scoring.redis_windows import CONNECT_S, EXCHANGE_S, RedisError, RedisWindows, parse_redis_url

GENEROUS_S = 5.0
COUNTED = b"+OK\r\n:3\r\n:59500\r\n"


@contextmanager
def answering(*answers: bytes | None) -> Iterator[tuple[int, list[bytes]]]:
    """Give each packet its answer; None ends the connection and takes the next. Yields the port and what came."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(GENEROUS_S)

        def run() -> None:
            connection, _ = server.accept()
            for answer in answers:
                if answer is None:
                    connection.close()
                    connection, _ = server.accept()
                    continue
                received.append(connection.recv(4096))
                connection.sendall(answer)
            with connection, suppress(OSError):
                connection.settimeout(GENEROUS_S)
                connection.recv(1)

        thread = threading.Thread(target=run)
        thread.start()
        yield server.getsockname()[1], received
    thread.join(GENEROUS_S)


def make_windows(port: int, rest: str = "", credentials: str = "") -> RedisWindows:
    return RedisWindows(parse_redis_url(f"redis://{credentials}127.0.0.1:{port}{rest}"), 60)


def close(windows: RedisWindows) -> None:
    windows._disconnect()


def test_a_name_is_counted_in_one_exchange() -> None:
    with answering(COUNTED) as (port, received):
        windows = make_windows(port)
        assert windows.count("key:me") == (3, 59.5)
        close(windows)
    [packet] = received
    assert packet == (
        b"*6\r\n$3\r\nSET\r\n$20\r\nlockstep:rate:key:me\r\n$1\r\n0\r\n$2\r\nEX\r\n$2\r\n60\r\n$2\r\nNX\r\n"
        b"*2\r\n$4\r\nINCR\r\n$20\r\nlockstep:rate:key:me\r\n*2\r\n$4\r\nPTTL\r\n$20\r\nlockstep:rate:key:me\r\n"
    )


def test_it_signs_in_and_chooses_the_database() -> None:
    with answering(b"+OK\r\n+OK\r\n", COUNTED) as (port, received):
        windows = make_windows(port, "/7", "me:p%40ss@")
        windows.count("a")
        close(windows)
    assert received[0] == b"*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$4\r\np@ss\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n"


def test_a_connection_that_was_closed_while_idle_is_made_anew() -> None:
    with answering(COUNTED, None, COUNTED) as (port, _):
        windows = make_windows(port)
        windows.count("a")
        time.sleep(0.05)
        assert windows.count("a") == (3, 59.5)
        close(windows)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"-NOAUTH Authentication required.\r\n" * 3, "NOAUTH"),
        (b"-LOADING Redis is loading\r\n" * 3, "LOADING"),
        (b"-" + b"x" * 500 + b"\r\n" * 3, "x{39}$"),
        (b"x" * 5000, "too long"),
        (b"+OK\r\n:3\r\n", "TimeoutError"),
        (b"", "TimeoutError"),
        (b"+OK\r\n:three\r\n:1\r\n", "ValueError"),
    ],
)
def test_what_is_no_count_is_an_error_in_time(answer: bytes, reason: str) -> None:
    with answering(answer) as (port, _):
        began = time.monotonic()
        with pytest.raises(RedisError, match=reason):
            make_windows(port).count("a")
        assert time.monotonic() - began < GENEROUS_S
    assert EXCHANGE_S < CONNECT_S < 1


def test_nobody_there_and_an_unknown_name_are_errors() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(RedisError, match="ConnectionRefusedError"):
        make_windows(port).count("a")
    with pytest.raises(RedisError, match="not found at boot"):
        RedisWindows(parse_redis_url("redis://nowhere.invalid"), 60).count("a")
