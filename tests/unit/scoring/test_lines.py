"""Each kind of descriptor that a log may have, with a reader that does not read."""

import fcntl
import os
import pty
import socket
import tempfile
from collections.abc import Callable, Iterator

import pytest

from lockstep.scoring.lines import LineWriter

LINE = b"x" * 99 + b"\n"
MORE_THAN_ANY_BUFFER = 20_000
Ends = tuple[int, int]


def open_pair() -> Ends:
    reader, writer = socket.socketpair()
    return reader.detach(), writer.detach()


@pytest.fixture(params=[os.pipe, pty.openpty, open_pair], ids=["pipe", "terminal", "socket"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """A descriptor to read from, and the one that a log goes to."""
    opened = request.param()
    yield opened
    for fd in opened:
        os.close(fd)


def is_blocking(fd: int) -> bool:
    return not fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK


def test_a_reader_that_stops_holds_nobody_up_and_gets_whole_lines_when_it_goes_on(ends: Ends) -> None:
    reader, writer_fd = ends
    writer = LineWriter(writer_fd)
    taken = sum(writer.write(LINE) for _ in range(MORE_THAN_ANY_BUFFER))
    assert 0 < taken < MORE_THAN_ANY_BUFFER
    assert is_blocking(writer_fd)
    received = os.read(reader, 1000)
    while not writer.write(b"last\n"):
        received += os.read(reader, 1000)
    while not received.endswith(b"last\n"):
        received += os.read(reader, 1000).replace(b"\r\n", b"\n")
    whole = received.replace(b"\r\n", b"\n").splitlines()
    assert set(whole) == {LINE.rstrip(), b"last"}
    assert len(whole) == taken + 1


def test_where_a_pipe_cannot_be_opened_again_it_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    reader, writer_fd = os.pipe()
    with monkeypatch.context() as patched:
        patched.setattr("os.open", refuse)
        writer = LineWriter(writer_fd)
    taken = sum(writer.write(LINE) for _ in range(MORE_THAN_ANY_BUFFER))
    assert 0 < taken < MORE_THAN_ANY_BUFFER
    assert is_blocking(writer_fd)
    os.read(reader, 2**17)
    assert writer.write(LINE)
    os.close(reader)
    os.close(writer_fd)


def test_a_line_longer_than_a_pipe_takes_at_once_is_finished_before_the_next() -> None:
    reader, writer_fd = os.pipe()
    writer = LineWriter(writer_fd)
    long = b"y" * 200_000 + b"\n"
    assert writer.write(long)
    assert not writer.write(LINE)
    received = b""
    while len(received) < len(long):
        received += os.read(reader, 2**17)
        writer.write(LINE)
    received += os.read(reader, 2**17) if not received.endswith(LINE) else b""
    assert received.startswith(long)
    assert set(received[len(long) :].splitlines()) == {LINE.rstrip()}
    os.close(reader)
    os.close(writer_fd)


def test_a_file_is_written_where_its_other_writers_stand() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"before\n")
        file.flush()
        assert LineWriter(file.fileno()).write(LINE)
        os.write(file.fileno(), b"after\n")
        file.seek(0)
        assert file.read() == b"before\n" + LINE + b"after\n"


@pytest.mark.parametrize("close", [lambda reader, _: os.close(reader), lambda _, writer: os.close(writer)])
def test_a_pipe_that_is_closed_loses_lines_and_raises_nothing(close: Callable[[int, int], None]) -> None:
    reader, writer_fd = os.pipe()
    duplicate = os.dup(writer_fd)
    close(reader, writer_fd)
    writer = LineWriter(writer_fd)
    assert not writer.write(LINE)
    os.close(duplicate)
