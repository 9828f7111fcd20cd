"""One thread for many clients: while a connection waits for its client, the others are answered.

Each request runs in a greenlet of its own. Where it has to wait for its client, it switches to the loop, which goes on
with the connections whose clients are ready. A connection without a request has no greenlet.
"""

import heapq
import itertools
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from greenlet import getcurrent

from lockstep.runtimes.gunicorn.connection import Connection

SCAN_S = 1.0
"""How often deadlines are looked at."""


class Loop:
    """The connections of a worker, and what is to be done when.

    `idle` holds the connections without a request, the one that has waited longest first. `held` counts the bytes of
    requests that have not arrived and of answers that are not read: what clients make this process keep.
    """

    def __init__(self, serve: Callable[[Connection], None], most_held: int) -> None:
        self.serve, self.most_held, self.held = serve, most_held, 0
        self.selector, self.hub = DefaultSelector(), getcurrent()
        self.connections: set[Connection] = set()
        self.idle: OrderedDict[Connection, None] = OrderedDict()
        self.soon: list[Connection] = []
        self.now = time.monotonic()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._scan()

    def call_later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Call it after so many seconds."""
        heapq.heappush(self._timers, (self.now + delay_s, next(self._order), call))

    def watch(self, file: Any, call: Callable[[], None]) -> None:
        """Call it whenever the file can be read."""
        self.selector.register(file, EVENT_READ, call)

    def leave(self, file: Any) -> None:
        """Watch the file no longer, if it was watched."""
        with suppress(KeyError):
            self.selector.unregister(file)

    def turn(self) -> None:
        """Wait until something is ready or due, and let all of it go on."""
        soon, self.soon = self.soon, []
        ready = self.selector.select(0.0 if soon else max(0.0, self._timers[0][0] - time.monotonic()))
        self.now = time.monotonic()
        for key, _ in ready:
            key.data()
        for connection in soon:
            connection.resume()
        while self._timers[0][0] <= self.now:
            heapq.heappop(self._timers)[2]()

    def add(self, connection: Connection, deadline: float) -> None:
        """Watch a new connection, whose request has to begin by the deadline."""
        self.connections.add(connection)
        self.watch(connection.sock, connection.resume)
        self.rest(connection, deadline)

    def rest(self, connection: Connection, deadline: float) -> None:
        """Let a connection wait for its next request until the deadline."""
        self.release(connection)
        connection.deadline = deadline
        self.idle[connection] = None

    def drop(self, connection: Connection) -> None:
        """Close a connection."""
        self.release(connection)
        self.idle.pop(connection, None)
        self.connections.discard(connection)
        self.leave(connection.sock)
        connection.sock.close()

    def cut(self, connection: Connection) -> None:
        """End what a connection waits for: the rest of its request does not come, its answer is not read."""
        connection.is_cut = True
        self.release(connection)
        self.soon.append(connection)

    def hold(self, connection: Connection, size: int) -> None:
        """Count bytes that a client makes the process keep; where they are too many, the slowest clients are cut."""
        connection.held += size
        self.held += size
        while self.held > self.most_held and (slowest := self.find_slowest(connection)):
            self.cut(slowest)

    def release(self, connection: Connection) -> None:
        """Count the bytes of a connection no longer."""
        self.held -= connection.held
        connection.held = 0

    def find_slowest(self, but: Connection | None = None) -> Connection | None:
        """Return the connection whose request began first among those that wait for their clients."""
        busy = (each for each in self.connections if not (each in self.idle or each.is_cut or each is but))
        return min(busy, key=lambda each: each.began, default=None)

    def end_idle(self, deadline: float) -> None:
        """Close the connections that have no request by the deadline."""
        for connection in self.idle:
            connection.deadline = min(connection.deadline, deadline)
        self.call_later(deadline - self.now, self._end_overdue)

    def _scan(self) -> None:
        self._end_overdue()
        self.call_later(SCAN_S, self._scan)

    def _end_overdue(self) -> None:
        for connection in [each for each in self.connections if each.deadline <= self.now]:
            end = self.drop if connection in self.idle else self.cut
            end(connection)
