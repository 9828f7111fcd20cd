"""A service that is slow, byte by byte, keeps nobody waiting: an attempt ends in its time, whatever comes."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pandas as pd
import pytest

from lockstep.client import Client
from lockstep.client.connection import Connection
from lockstep.client.deadlines import Deadline, limit_stream
from lockstep.client.errors import NoAnswer
from lockstep.client.exchange import Asked, Patience
from tests.unit.client.callers import KINDS, Caller

TIMEOUT_S = 0.2
LATE_S = 2.0
"""What an attempt may take beyond its time on a machine that is busy."""
DRIP_S = 0.02
GIVES_UP_S = 10.0
"""After so long a server stops, so that a client that waits for it fails its test."""
BUFFER_BYTES, LONG_BYTES = 2**14, 2**22
"""What the system keeps for a slow reader, and what takes that reader 5 s."""
SMALL_BUFFER = [(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)]
BODY = b'{"models": [{"name": "m", "default": true}]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
Behaviour = Callable[[socket.socket], None]


def drip(link: socket.socket, blocks: Callable[[], bytes]) -> None:
    """Send some bytes, again and again, until nobody listens."""
    ends = time.monotonic() + GIVES_UP_S
    while time.monotonic() < ends:
        link.sendall(blocks())
        time.sleep(DRIP_S)


def read_request(link: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += link.recv(4096)


def drip_head(link: socket.socket) -> None:
    read_request(link)
    link.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    drip(link, lambda: b"x")


def drip_hints(link: socket.socket) -> None:
    read_request(link)
    drip(link, lambda: b"HTTP/1.1 103 Early Hints\r\n\r\n")


def drip_body(link: socket.socket) -> None:
    read_request(link)
    link.sendall(HEAD % 10**6)
    drip(link, lambda: b" ")


def drip_second(link: socket.socket) -> None:
    """Answer at once, and the next request on the same connection byte by byte."""
    read_request(link)
    link.sendall(HEAD % len(BODY) + BODY)
    drip_head(link)


def read_slowly(link: socket.socket) -> None:
    ends = time.monotonic() + GIVES_UP_S
    while time.monotonic() < ends and link.recv(BUFFER_BYTES):
        time.sleep(DRIP_S)


def say_nothing(link: socket.socket) -> None:
    read_request(link)
    link.recv(1)


@contextmanager
def serve(behave: Behaviour) -> Iterator[str]:
    """Lend the address of a server that does this with each connection."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        threading.Thread(target=_accept, args=(listening, behave), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, behave: Behaviour) -> None:
    def run(link: socket.socket) -> None:
        with link:
            try:
                behave(link)
            except OSError:
                return

    while True:
        try:
            link, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=run, args=(link,), daemon=True).start()


def measure(call: Callable[..., Any], *arguments: Any) -> tuple[float, str]:
    """Return how many seconds a call took that gets no answer, and what its error says."""
    started = time.monotonic()
    with pytest.raises(NoAnswer) as refused:
        call(*arguments)
    return time.monotonic() - started, str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("behave", [drip_head, drip_hints, drip_body, drip_second, say_nothing])
def test_an_attempt_ends_in_its_time_whatever_comes(kind: str, behave: Behaviour) -> None:
    with serve(behave) as url:
        took_s, says = measure(Caller(kind, None, url=url, timeout_s=TIMEOUT_S, attempts=1), "report")
    assert TIMEOUT_S <= took_s < TIMEOUT_S + LATE_S
    assert ("/report: " if behave is drip_second else "/version: ") in says
    assert "ReadTimeout" in says or "TimeoutError: the answer did not end in time" in says


def test_a_request_that_is_taken_slowly_ends_in_its_time() -> None:
    rows = pd.DataFrame({"x": ["a" * LONG_BYTES]})
    transport = httpx.HTTPTransport(socket_options=SMALL_BUFFER)
    with serve(read_slowly) as url, Client(url, timeout_s=TIMEOUT_S, attempts=1, transport=transport) as client:
        took_s, _ = measure(client.predict, rows)
    assert took_s < TIMEOUT_S + LATE_S


@pytest.mark.parametrize("kind", KINDS)
def test_all_attempts_end_in_their_time(kind: str) -> None:
    with serve(drip_head) as url:
        took_s, _ = measure(Caller(kind, None, url=url, timeout_s=0.1, total_s=0.3, attempts=9), "version")
    assert took_s < 0.3 + LATE_S


def test_a_host_that_takes_no_connection_is_named_before_the_attempt_ends() -> None:
    asked = Asked("GET", "/version", timeout_s=10.0)
    timeout = Connection("http://host", None, None, Patience(1, 10.0, 10.0)).describe(asked)["timeout"]
    assert (timeout.connect, timeout.read, timeout.write) == (9.0, 10.0, 10.0)


def test_a_stream_is_limited_while_an_attempt_runs_and_its_handshake_too() -> None:
    """A transport may be shared, with others whose time limits are their own."""
    given: list[float] = []
    stream = SimpleNamespace(
        read=lambda _, timeout: given.append(timeout),
        write=lambda _, timeout: given.append(timeout),
        start_tls=lambda _, timeout: given.append(timeout),
    )
    limit_stream("connection.connect_tcp.complete", {"return_value": stream})
    with Deadline(10.0, lambda: 7.0).hold():
        stream.start_tls(None, timeout=30.0)
        stream.write(b" ", timeout=30.0)
        stream.read(1, timeout=30.0)
    stream.read(1, timeout=30.0)
    assert given == [3.0, 3.0, 3.0, 30.0]
    with Deadline(10.0, lambda: 10.0).hold(), pytest.raises(httpx.ReadTimeout):
        stream.read(1, timeout=30.0)
