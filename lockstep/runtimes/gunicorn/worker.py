"""gunicorn's worker for many clients on one thread: none of them can hold up the others.

gunicorn parses the requests and hands them to the app; the loop decides whose turn it is.
"""

import errno
import gc
import logging
import os
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn.config import Config
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.workers.base_async import AsyncWorker

from lockstep.runtimes.gunicorn.accepting import Entrance, count_places
from lockstep.runtimes.gunicorn.bodies import read_bodies
from lockstep.runtimes.gunicorn.connection import Connection
from lockstep.runtimes.gunicorn.framing import StrictParser
from lockstep.runtimes.gunicorn.loop import Loop
from lockstep.runtimes.gunicorn.refusals import describe_refusal, write_refusal
from lockstep.runtimes.gunicorn.shares import Share, Shares
from lockstep.scoring.record import requests_log
from lockstep.scoring.settings import read_settings

COLLECT_AFTER = (20_000, 20, 20)
"""Garbage is looked for ten times as seldom as by default; answers leave hardly any."""

BODIES_HELD = 8
"""How many of the largest bodies clients may make a worker keep."""

MOST_UNREAD = 2**16
"""How much of a body that the app did not read is read so that the connection can be kept."""

STOPPING_S = 2.0
"""How long a stopping worker keeps connections open for a request that may be under way."""

HEARTBEAT_S = 1.0
CLIENT_LEFT = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)

log = logging.getLogger(__name__)


class GreenletWorker(AsyncWorker):  # type: ignore[misc] # gunicorn ships no types
    """Answers each request in a greenlet, which gives way while its client is waited for."""

    wsgi: Any
    loop: Loop
    share: Share | None = None

    @classmethod
    def check_config(cls, cfg: Config, _: Any) -> None:
        """Refuse what this worker cannot do."""
        if cfg.is_ssl:
            log.critical("not serving: certfile and keyfile are set; TLS is for the proxy in front")
            sys.exit(1)

    def load_wsgi(self) -> None:
        """Load the app, and let no error of gunicorn's reach it."""
        super().load_wsgi()
        self.wsgi = read_bodies(self.wsgi)

    def run(self) -> None:
        """Answer until told to stop; then what has connected, for as long as gunicorn waits."""
        gc.set_threshold(*COLLECT_AFTER)
        fix_settings(self.cfg)
        self.loop = loop = Loop(self.serve, BODIES_HELD * read_settings().max_body_bytes)
        share = self.share or Shares().take()
        entrance = Entrance(loop, share, count_places(self.cfg.worker_connections), self.add)
        entrance.open(self.sockets)
        loop.watch(self.PIPE[0], self._swallow_signals)
        self._live()
        while self.alive:
            loop.turn()
            share.set(len(loop.connections))
        entrance.close()
        loop.end_idle(loop.now + STOPPING_S)
        last = loop.now + self.cfg.graceful_timeout
        while loop.connections and loop.now < last:
            loop.turn()

    def _live(self) -> None:
        """Tell the master that this worker lives, and stop if the master does not."""
        self.notify()
        if os.getppid() != self.ppid:
            self.log.info("Parent changed, shutting down: %s", self)
            self.alive = False
        self.loop.call_later(HEARTBEAT_S, self._live)

    def _swallow_signals(self) -> None:
        with suppress(BlockingIOError):
            os.read(self.PIPE[0], 2**12)

    def add(self, sock: Any, address: Any, listener: Any) -> None:
        """Wait for the first request of a new connection."""
        connection = Connection(self.loop, sock, address, listener.getsockname())
        connection.parser = StrictParser(self.cfg, connection, address)
        self.loop.add(connection, self.loop.now + self.cfg.keepalive)

    def serve(self, connection: Connection) -> None:
        """Answer the request that has begun, and wait for the next one or say goodbye."""
        is_kept = self.answer(connection)
        if not is_kept or connection.is_cut:
            connection.end()
            return
        self.loop.rest(connection, self.loop.now + self.cfg.keepalive)
        if connection.has_more:
            self.loop.soon.append(connection)

    def answer(self, connection: Connection) -> bool:
        """Answer one request; return whether the next one may follow."""
        request = None
        try:
            request = next(connection.parser)
            self.handle_request(connection.server, request, connection, connection.address)
        except (StopIteration, NoMoreData):
            return False
        except OSError as error:
            if error.errno not in CLIENT_LEFT:
                self.log.exception("Socket error processing request.")
            return False
        except Exception as error:  # of the parser, or of the app's own code around Flask
            self.handle_error(request, connection, connection.address, error)
            return False
        with suppress(ParseException, OSError):
            return bool(connection.parser.finish_body(max_bytes=MOST_UNREAD))
        return False

    def handle_error(self, req: object, client: Connection, addr: object, exc: Exception) -> None:
        """Answer a request that cannot be handed to the app, as the app answers its own errors."""
        problem = describe_refusal(exc)
        request_id, answer = write_refusal(problem)
        level = logging.ERROR if problem.kind.status == HTTPStatus.INTERNAL_SERVER_ERROR else logging.WARNING
        fields = {"request_id": request_id, "status": problem.kind.status, "code": problem.kind.code}
        requests_log.log(level, problem.detail, exc_info=level == logging.ERROR, extra={"fields": fields})
        with suppress(OSError):  # the client may be gone
            client.sendall(answer)


def fix_settings(config: Config) -> None:
    """Make each setting a plain attribute: gunicorn asks for 23 in a request, and looks each up in a table."""
    vars(config).update({name: setting.get() for name, setting in config.settings.items()})
