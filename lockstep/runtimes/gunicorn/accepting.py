"""Which connections a worker takes: a fair share of the new ones, and no more than it has places for."""

import logging
import os
import resource
from collections.abc import Callable
from functools import partial
from typing import Any

from lockstep.runtimes.gunicorn.loop import Loop
from lockstep.runtimes.gunicorn.shares import Share

AT_ONCE = 64
RETRY_S = 0.002
PATIENCE_S = 0.05
"""How long a connection is left to a worker that has fewer; it may be at work."""

RESERVED_FILES = 8
"""File descriptors that are left to the app: counters, Redis, templates, a connection that is accepted and dropped."""

FULL_FOR_S = 1.0

log = logging.getLogger(__name__)


def count_places(most: int) -> int:
    """Return how many connections this process has file descriptors for, from 1 to `most`."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return most
    lowest_free = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest_free)
    return max(1, min(most, limit - lowest_free - RESERVED_FILES))


class Entrance:
    """The listening sockets of a worker. `add` is called with each connection that is taken, and its address."""

    def __init__(self, loop: Loop, share: Share, places: int, add: Callable[[Any, Any, Any], None]) -> None:
        self.loop, self.share, self.places, self.add = loop, share, places, add
        self.listeners: list[Any] = []
        self.closed = 0
        self._due_s: float | None = None

    def open(self, listeners: list[Any]) -> None:
        """Begin to take connections."""
        self.listeners = listeners
        for listener in listeners:
            listener.setblocking(False)
            self._watch(listener)

    def close(self) -> None:
        """Take what has connected already, then no more."""
        self.share.leave()
        listeners, self.listeners = self.listeners, []
        for listener in listeners:
            while self._take(listener):
                pass
            self.loop.leave(listener)  # closing it is not enough: others have it open
            listener.close()

    def accept(self, listener: Any) -> None:
        """Take what has connected, but leave it for a moment to a worker that has fewer connections."""
        for _ in range(AT_ONCE):
            if not self._is_due():
                self._look_away(listener, RETRY_S)
                return
            if not self._take(listener):
                self._due_s = None
                return
            if len(self.loop.connections) >= self.places:  # those that have just come have a turn first
                return

    def _is_due(self) -> bool:
        """Return whether the next connection is for this worker, or no other has taken it for too long."""
        self.share.set(len(self.loop.connections))
        if not self.share.is_ahead():
            self._due_s = None
            return True
        if self._due_s is None:
            self._due_s = self.loop.now + PATIENCE_S
        if self.loop.now < self._due_s:
            return False
        self._due_s = self.loop.now + RETRY_S  # if the other comes back meanwhile, it takes the next one
        return True

    def _make_place(self) -> None:
        """Close the connection that waits for nothing for the longest time, else the request that is the slowest."""
        if not self.closed:
            self.loop.call_later(FULL_FOR_S, self._tell)
        self.closed += 1
        if self.loop.idle:
            self.loop.drop(next(iter(self.loop.idle)))
        elif slowest := self.loop.find_slowest():
            self.loop.cut(slowest)

    def _take(self, listener: Any) -> bool:
        """Return whether a connection was there to be taken."""
        try:
            sock, address = listener.accept()
        except BlockingIOError:
            return False
        except ConnectionAbortedError:
            return True
        except OSError as error:
            log.warning("no connection can be taken for %.0f s: %s", FULL_FOR_S, error.strerror)
            self._make_place()
            self._look_away(listener, FULL_FOR_S)
            return False
        if len(self.loop.connections) >= self.places:
            self._make_place()
        self.add(sock, address, listener)
        return True

    def _tell(self) -> None:
        log.warning("%d connections were closed that waited: all %d places are taken", self.closed, self.places)
        self.closed = 0

    def _look_away(self, listener: Any, for_s: float) -> None:
        self.loop.leave(listener)
        self.loop.call_later(for_s, partial(self._watch, listener))

    def _watch(self, listener: Any) -> None:
        if listener in self.listeners:
            self.loop.watch(listener, partial(self.accept, listener))
