"""The end of a connection under uWSGI; the sockets are a real TCP connection."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lockstep.runtimes.uwsgi import lingering
from lockstep.runtimes.uwsgi.lingering import Lingering

SENT = 2**20
WAIT_S = 20.0


class Input:
    """uWSGI's stream of a body, which says how much of it was read."""

    def __init__(self, read: int) -> None:
        self._read = read

    def tell(self) -> int:
        return self._read


class Answer:
    """The body of an answer that notes when it is closed."""

    closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"answer"])

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's and the client's end of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), WAIT_S)
        server, _ = listener.accept()
    yield server, client
    server.close()
    client.close()


def answer(server: socket.socket, environ: dict[str, Any], read: int = 0) -> Answer:
    """Answer a request as uWSGI does, and end its connection."""
    body = Answer()
    app = Lingering(lambda environ, start_response: body, server.fileno)
    answered = app({"wsgi.input": Input(read), **environ}, lambda *_: None)
    for part in answered:
        server.sendall(part)
    answered.close()  # type: ignore[attr-defined] # as WSGI has it
    server.close()
    return body


def send_and_receive(client: socket.socket, received: list[bytes]) -> None:
    client.sendall(b" " * SENT)
    client.shutdown(socket.SHUT_WR)
    while part := client.recv(2**12):
        received.append(part)


@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": f"{SENT}"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_a_client_that_still_sends_gets_its_answer(
    environ: dict[str, str], pair: tuple[socket.socket, socket.socket]
) -> None:
    server, client = pair
    received: list[bytes] = []
    sending = threading.Thread(target=send_and_receive, args=(client, received))
    sending.start()
    body = answer(server, environ)
    sending.join(WAIT_S)
    assert (b"".join(received), body.closed) == (b"answer", True)


def test_a_client_whose_body_was_read_is_not_waited_for(pair: tuple[socket.socket, socket.socket]) -> None:
    server, client = pair
    started = time.monotonic()
    body = answer(server, {"CONTENT_LENGTH": " 5 "}, read=5)
    assert body.closed
    assert time.monotonic() - started < lingering.LINGER_S / 2
    assert client.recv(2**12) == b"answer"


def test_a_silent_client_is_waited_for_no_longer_than_the_bound(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lingering, "LINGER_S", 0.1)
    server, client = pair
    assert answer(server, {"CONTENT_LENGTH": "5"}).closed  # it returns
    assert client.recv(2**12) == b"answer"


def test_no_more_is_read_than_the_bound(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lingering, "MOST_DRAINED", 2)
    monkeypatch.setattr(lingering, "AT_A_TIME", 1)
    server, client = pair
    client.sendall(b"abcd")
    lingering.drain(server)
    assert server.recv(9) == b"cd"


def test_a_client_that_is_gone_is_no_error(pair: tuple[socket.socket, socket.socket]) -> None:
    server, client = pair
    client.close()
    server.close()
    app = Lingering(lambda *_: Answer(), lambda: 999_999)
    app({"wsgi.input": Input(0), "CONTENT_LENGTH": "5"}, lambda *_: None).close()  # type: ignore[attr-defined]
