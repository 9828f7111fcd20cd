"""Services that answer without end, slowly, or far more than they were asked for."""

import gzip
import socket
import threading
import time

import pytest
from flask import Flask, request

import lockstep.parity.client
from lockstep.parity.answers import ServiceUnreachable, UnexpectedAnswer
from lockstep.parity.client import LONGEST_WITHOUT_ROWS, Patience, ServiceClient
from qa.threads import serve_app
from tests.hostile_service import Answer, drip, serve_bytes

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DEADLINE_S = 0.3
SLACK_S = 5.0
"""A machine under load is late; an answer without a deadline would take a minute."""
BLOCK = b"[" * 65_536
WRITTEN = 64 * LONGEST_WITHOUT_ROWS
"""What a service writes that is not stopped."""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep.parity.client, "FIRST_PAUSE_S", 0.0)


def ask_version(answer: Answer, attempts: int = 1) -> None:
    with serve_bytes(answer) as url:
        ServiceClient(url, patience=Patience(attempts, DEADLINE_S)).get_version()


class Flood:
    """An answer that begins with `head` and goes on with `block` until nobody reads it; counts what was taken."""

    def __init__(self, head: bytes, block: bytes = BLOCK) -> None:
        self.head, self.block, self.taken = head, block, 0

    def __call__(self, connection: socket.socket) -> None:
        connection.sendall(self.head)
        while self.taken < WRITTEN:
            connection.sendall(self.block)
            self.taken += len(self.block)


CHUNK = b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK)


@pytest.mark.parametrize(
    "flood",
    [
        Flood(HEAD + b"\r\n"),
        Flood(HEAD + b"Content-Length: 2147483648\r\n\r\n"),
        Flood(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK),
        Flood(b"HTTP/1.1 500 No\r\n\r\n"),
    ],
    ids=["endless", "2 GiB", "endless chunks", "endless refusal"],
)
def test_an_answer_that_is_too_long_is_cut_off_and_not_asked_for_again(flood: Flood) -> None:
    with pytest.raises(UnexpectedAnswer, match=r"/version answered more than 1048576 bytes, longer than any right"):
        ask_version(flood, attempts=4)
    assert flood.taken < WRITTEN / 2


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 ", HEAD + b"X-Long: "], ids=["no line", "status", "header"])
def test_a_head_without_end_is_cut_off(head: bytes) -> None:
    flood = Flood(head, b"a" * 65_536)
    with pytest.raises(ServiceUnreachable, match=r"in each of 1 attempt"):
        ask_version(flood)
    assert flood.taken < WRITTEN / 2


BOMB = gzip.compress(b" " * (32 << 20) + b"{}")


@pytest.mark.parametrize("status", [b"200 OK", b"302 Found", b"500 No"])
@pytest.mark.parametrize("coding", [b"gzip", b"GZIP", b"br, gzip"])
def test_a_compressed_answer_is_refused_unread(status: bytes, coding: bytes) -> None:
    length = b"Content-Length: %d\r\nLocation: http://127.0.0.1:9/\r\n" % len(BOMB)
    answer = b"HTTP/1.1 %b\r\nContent-Encoding: %b\r\n%b\r\n%b" % (status, coding, length, BOMB)
    with pytest.raises(UnexpectedAnswer, match=r"(?i)Content-Encoding '.*gzip', though none was asked for"):
        ask_version(lambda connection: connection.sendall(answer), attempts=4)


def test_a_redirect_without_end_is_cut_off() -> None:
    flood = Flood(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n")
    with pytest.raises(UnexpectedAnswer, match="more than 1048576 bytes"):
        ask_version(flood)
    assert flood.taken < WRITTEN / 2


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"", b"H"),
        drip(HEAD + b"X-Slow: ", b"a"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(HEAD + b"\r\n", b"["),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n[\r\n"),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: a\r\n"),
    ],
    ids=["status", "header", "continue", "body", "chunks", "chunk size", "trailers"],
)
def test_an_answer_that_drips_is_cut_off_at_the_deadline(answer: Answer) -> None:
    started = time.monotonic()
    with pytest.raises(ServiceUnreachable, match=r"(ReadTimeout|ConnectionError).* in each of 1 attempt"):
        ask_version(answer)
    assert time.monotonic() - started < DEADLINE_S + SLACK_S


def test_an_answer_may_be_as_long_as_its_rows_make_it() -> None:
    body = b'{"y_pred": "[' + b"1," * LONGEST_WITHOUT_ROWS + b'1]"}'
    answer = b"%bContent-Length: %d\r\n\r\n%b" % (HEAD, len(body), body)

    def post(longest_row: int) -> None:
        with serve_bytes(lambda connection: connection.sendall(answer)) as url:
            client = ServiceClient(url)
            client.longest_row = longest_row
            client.send("POST", "/forecast", b'{"data": [[1], [2]]}')

    post(LONGEST_WITHOUT_ROWS)
    with pytest.raises(UnexpectedAnswer, match=f"more than {LONGEST_WITHOUT_ROWS + 4 * 1000} bytes"):
        post(1000)


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    seen: list[None] = []

    def answer(connection: socket.socket) -> None:
        seen.append(None)
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")

    with pytest.raises(ServiceUnreachable, match=r"in each of 4 attempt"):
        ask_version(answer, attempts=4)
    assert len(seen) == 4


def test_cookies_are_not_sent_back() -> None:
    requests: list[bytes] = []
    done = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Set-Cookie: who=you\r\nContent-Length: 2\r\n\r\n{}")
        requests.append(connection.recv(65_536))
        connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
        done.set()

    with serve_bytes(answer) as url:
        client = ServiceClient(url, patience=Patience(1, SLACK_S))
        assert {client.send("GET", "/ready").content for _ in range(2)} == {b"{}"}
        assert done.wait(SLACK_S)
    assert b"who=you" not in requests[0]


def test_no_coding_is_asked_for() -> None:
    app = Flask("echo")
    app.add_url_rule("/<_>", "echo", lambda _: request.headers.get("Accept-Encoding", "none"))
    with serve_app(app) as url:
        client = ServiceClient(url)
        assert client.send("GET", "/a").content == b"identity"
        assert client.send("GET", "/a", headers={"Accept-Encoding": None}).content == b"none"
