"""gunicorn's threaded worker, with connections spread evenly and none that can hold up the others.

gunicorn's own takes a thread for a connection before a byte has come, keeps it however slowly a request arrives, and
waits in its one loop for clients to close. Here waiting for a client costs a place among many, never a turn at work.
"""

import errno
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from threading import Semaphore
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from lockstep.runtimes.gunicorn.bodies import read_bodies
from lockstep.runtimes.gunicorn.refusals import describe_refusal, write_refusal
from lockstep.scoring.record import requests_log

PAUSE_S = 5e-5
MOST_PAUSES = 20
AT_WORK = 2
"""How many threads work at a time: more would contend for the interpreter lock and add up their memory."""

MOST_DRAINED = 2**26
"""How many bytes are read and thrown away of a body that was refused: closed earlier, a client misses the answer."""

ARRIVAL_S = 20.0
"""How long a request, head and body, may take to arrive; below gunicorn's timeout and a router's 30 s."""


class EvenWorker(ThreadWorker):  # type: ignore[misc] # gunicorn ships no types
    """Accept evenly, work on few requests at a time, and cut off what does not arrive in time."""

    wsgi: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.turn = Semaphore(AT_WORK)
        self.deadlines: dict[TConn, float] = {}

    def load_wsgi(self) -> None:
        """Load the app, and let no error of gunicorn's reach it."""
        super().load_wsgi()
        self.wsgi = read_bodies(self.wsgi)

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, if no emptier worker did so first.

        A connection is kept by the worker that accepts it, and all are woken for each: without the wait, the longer
        the more connections this worker has, one in three sets of 16 landed on one of two workers with one or none
        for the other. At most 1 ms.
        """
        time.sleep(min(self.nr_conns, MOST_PAUSES) * PAUSE_S)
        super().accept(listener)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Start or stop accepting; a worker that stops first takes what has connected already."""
        before = None
        while not (enabled or self.alive) and before != self.nr_conns:
            before = self.nr_conns
            for listener in self.sockets:
                super().accept(listener)
        super().set_accept_enabled(enabled)

    def enqueue_req(self, conn: TConn) -> None:
        """Give a connection a thread, a new one not before its first bytes are there."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock = PatientSocket(conn.sock, self.turn)
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: TConn) -> object:
        """Answer one request in a thread, in its turn; return whether the connection is kept."""
        self.deadlines[conn] = time.monotonic() + ARRIVAL_S
        with self.turn:
            kept = super().handle(conn)
            if not kept:  # the loop would wait for the client to close, up to 2 s for each
                util.close_graceful(conn.sock, max_drain=MOST_DRAINED)
                conn.close = lambda graceful=False: None
        del self.deadlines[conn]
        return kept

    def murder_pending(self) -> None:
        """Close what waited too long to begin, and end the arrival of what takes too long to arrive.

        A request that had arrived is answered all the same.
        """
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self.deadlines.items()):
            if deadline < now:
                with suppress(OSError):  # the client or a thread was faster
                    conn.sock.shutdown(socket.SHUT_RD)

    def _cap_keepalive(self, deadline: float) -> None:
        """Close connections that never sent a request as early as kept ones when the worker stops."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:
        """Answer a request that cannot be handed to the app, as the app answers its own errors."""
        problem = describe_refusal(exc)
        request_id, answer = write_refusal(problem)
        level = logging.ERROR if problem.kind.status == HTTPStatus.INTERNAL_SERVER_ERROR else logging.WARNING
        fields = {"request_id": request_id, "status": problem.kind.status, "code": problem.kind.code}
        requests_log.log(level, problem.detail, exc_info=level == logging.ERROR, extra={"fields": fields})
        with suppress(OSError):  # the client may be gone
            util.write_nonblock(client, answer)


class PatientSocket(socket.socket):
    """Give the turn to another thread while the client is waited for."""

    def __init__(self, accepted: socket.socket, turn: Semaphore) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self.setblocking(False)
        self.turn = turn

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come, at once where something has."""
        with suppress(BlockingIOError):
            if self.gettimeout() is None:
                return super().recv(size, flags | socket.MSG_DONTWAIT)
        with self._away():
            return super().recv(size, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all of the data, at once where the kernel takes it."""
        sent = 0
        with suppress(BlockingIOError):
            sent = super().send(data, flags | socket.MSG_DONTWAIT)
        if sent < len(data):
            with self._away():
                self._send_in_time(memoryview(data)[sent:], flags)

    def _send_in_time(self, rest: memoryview, flags: int) -> None:
        """Send what is left; a client that does not read for too long is gone, as far as the worker cares."""
        self.settimeout(ARRIVAL_S)
        try:
            super().sendall(rest, flags)
        except TimeoutError as error:
            raise BrokenPipeError(errno.EPIPE, "the client does not read its answer") from error
        finally:
            self.setblocking(True)

    @contextmanager
    def _away(self) -> Iterator[None]:
        self.turn.release()
        try:
            yield
        finally:
            self.turn.acquire()
