"""Which connections a worker takes."""

import errno
import os
import resource
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from lockstep.runtimes.gunicorn import accepting
from lockstep.runtimes.gunicorn.accepting import PATIENCE_S, RESERVED_FILES, RETRY_S, Entrance, count_places
from lockstep.runtimes.gunicorn.loop import Loop
from lockstep.runtimes.gunicorn.shares import Share, Shares

MUCH = 2**30


class Listener:
    """A listening socket, at which connections arrive as the test says."""

    def __init__(self) -> None:
        self.end, self.other = socket.socketpair()
        self.waiting: list[Any] = []

    def fileno(self) -> int:
        return self.end.fileno()

    def setblocking(self, _: bool) -> None:
        pass

    def accept(self) -> Any:
        if not self.waiting:
            raise BlockingIOError
        arrived = self.waiting.pop(0)
        if isinstance(arrived, OSError):
            raise arrived
        return arrived, "address"

    def close(self) -> None:
        self.end.close()
        self.other.close()


class Site:
    """An entrance, its listener, another worker's share, and what was taken."""

    def __init__(self, places: int = 100) -> None:
        shares = Shares()
        self.share, self.other = shares.take(), shares.take()
        self.loop, self.listener, self.taken = Loop(lambda _: None, MUCH), Listener(), list[Any]()
        self.loop.now = 0.0  # the times below add up to the bit, as those of a machine that runs for long do not
        self.entrance = Entrance(self.loop, self.share, places, self.add)
        self.entrance.open([self.listener])

    def add(self, sock: Any, _address: Any, _listener: Any) -> None:
        self.taken.append(sock)
        self.loop.connections.add(sock)

    def arrive(self, *arrived: Any, after_s: float = 0.0) -> list[Any]:
        self.listener.waiting += arrived
        self.loop.now += after_s
        if self.is_watching():
            self.entrance.accept(self.listener)
        return self.taken

    def watch(self) -> None:
        if not self.is_watching():
            self.entrance._watch(self.listener)

    def is_watching(self) -> bool:
        return self.listener.fileno() in self.loop.selector.get_map()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.listener.close()
    site.loop.selector.close()


def test_a_worker_alone_takes_all_that_arrives(site: Site) -> None:
    site.other.leave()
    assert site.arrive(1, 2, 3) == [1, 2, 3]


def test_a_worker_leaves_a_connection_to_one_that_has_fewer(site: Site) -> None:
    assert site.arrive(1, 2, 3) == [1]
    assert not site.is_watching()
    site.other.set(1)
    site.watch()
    assert site.arrive() == [1, 2]


def test_a_worker_takes_what_nobody_else_took_for_too_long(site: Site) -> None:
    site.arrive(1, 2, 3)
    site.watch()
    assert site.arrive(after_s=PATIENCE_S / 2) == [1]
    site.watch()
    assert site.arrive(after_s=PATIENCE_S / 2) == [1, 2]
    site.watch()
    assert site.arrive(after_s=RETRY_S) == [1, 2, 3]


def test_patience_begins_anew_when_nothing_is_left(site: Site) -> None:
    site.arrive(1, 2)
    site.watch()
    site.arrive(after_s=PATIENCE_S)
    site.watch()
    site.arrive(after_s=RETRY_S)
    site.watch()
    assert site.arrive(3, after_s=RETRY_S) == [1, 2]


def test_the_listener_is_looked_at_again_soon(site: Site) -> None:
    site.arrive(1, 2)
    site.other.set(1)
    site.loop.call_later(RETRY_S, lambda: None)
    while not site.is_watching():
        site.loop.turn()


def test_a_client_that_left_before_it_was_accepted_is_passed_over(site: Site) -> None:
    site.other.leave()
    assert site.arrive(ConnectionAbortedError(), 1) == [1]


def test_without_a_file_descriptor_the_worker_waits_and_says_so(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.other.leave()
    assert site.arrive(OSError(errno.EMFILE, os.strerror(errno.EMFILE)), 1) == []
    assert not site.is_watching()
    assert "no connection can be taken for 1 s: Too many open files" in caplog.messages
    site.watch()
    assert site.arrive() == [1]


def test_a_worker_that_stops_takes_all_that_has_connected_and_leaves_its_share(site: Site) -> None:
    site.arrive(1, 2, 3)
    site.entrance.close()
    assert site.taken == [1, 2, 3]
    site.other.set(5)
    assert not site.other.is_ahead()


@pytest.mark.parametrize(
    ("limit", "most", "places"),
    [(resource.RLIM_INFINITY, 4096, 4096), (10**6, 4096, 4096), (5, 4096, 1)],
    ids=["no limit", "high", "low"],
)
def test_places_are_as_many_as_there_are_file_descriptors(
    limit: int, most: int, places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert count_places(most) == places


def test_files_that_are_open_and_some_for_the_app_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lowest_free = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest_free)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (lowest_free + RESERVED_FILES + 7, MUCH))
    assert count_places(4096) == 7


def test_shares_are_read_before_each_connection_is_taken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "AT_ONCE", 3)
    monkeypatch.setattr(Share, "is_ahead", lambda _: False)
    assert site.arrive(1, 2, 3, 4) == [1, 2, 3]
