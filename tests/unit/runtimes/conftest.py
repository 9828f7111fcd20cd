"""gunicorn's worker in a thread of this process, on a port of its own."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi

from lockstep.runtimes.gunicorn import connection
from lockstep.runtimes.gunicorn.answers import WholeAnswer
from lockstep.runtimes.gunicorn.bodies import Wsgi, read_bodies
from lockstep.runtimes.gunicorn.logger import GunicornLogger
from lockstep.runtimes.gunicorn.worker import GreenletWorker
from qa.servers import wait_until

WAIT_S = 20.0
GREETING = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Running:
    """A worker that runs, and its clients."""

    def __init__(self, worker: GreenletWorker, thread: threading.Thread) -> None:
        self.worker, self.thread = worker, thread
        self.address = worker.sockets[0].getsockname()
        self.clients: list[socket.socket] = []

    def connect(self, sent: bytes = b"") -> socket.socket:
        """Return a new connection on which the bytes have been sent."""
        client = socket.create_connection(self.address, timeout=WAIT_S)
        self.clients.append(client)
        client.sendall(sent)
        return client

    def stop(self) -> None:
        """Stop the worker as SIGTERM does, without waiting for it."""
        self.worker.alive = False
        os.write(self.worker.PIPE[1], b"t")

    def end(self) -> None:
        """Stop the worker, and close what is left of its clients."""
        self.stop()
        for client in self.clients:
            client.close()
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()


Run = Callable[..., Running]


@pytest.fixture
def run_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setattr(wsgi, "Response", WholeAnswer)
    monkeypatch.setattr(connection, "ARRIVAL_S", 100 * WAIT_S)  # nothing is cut off unless a test shortens it
    started: list[Running] = []

    def run(app: Wsgi, **settings: Any) -> Running:
        config = Config()
        for name, value in {"keepalive": 100, "graceful_timeout": 10, **settings}.items():
            config.settings[name].value = value
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        worker = GreenletWorker(1, os.getppid(), [listener], None, 1, config, GunicornLogger(config))
        worker.wsgi, worker.PIPE = read_bodies(app), os.pipe()
        os.set_blocking(worker.PIPE[0], False)
        thread = threading.Thread(target=worker.run)
        thread.start()
        wait_until(lambda: hasattr(worker, "loop"), "the worker did not start")
        started.append(Running(worker, thread))
        return started[-1]

    yield run
    for running in started:
        running.end()
        running.worker.tmp.close()
        for end in running.worker.PIPE:
            os.close(end)


def receive_answer(client: socket.socket) -> tuple[bytes, bytes]:
    """Return the head and the body of the next answer with a `Content-Length`."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += client.recv(1) or pytest.fail("closed before an answer")
    head = received.partition(b"\r\n\r\n")[0]
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = b""
    while len(body) < length:
        body += client.recv(length - len(body)) or pytest.fail(f"closed after {len(body)} bytes")
    return head, body


def receive_all(client: socket.socket) -> bytes:
    """Return what comes until the other side closes."""
    received = b""
    while part := client.recv(2**16):
        received += part
    return received


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with the body as far as it came, `GET` with the path."""
    body = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else environ["PATH_INFO"].encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def refuse(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer without reading the body."""
    start_response("429 TOO MANY REQUESTS", [("Content-Length", "2")])
    return [b"no"]
