"""Writing lines to a descriptor without ever waiting for whoever reads them.

A pipe whose reader has stopped takes 64 KiB and then holds up its writers for good. To make the descriptor itself
non-blocking would do so for all processes that share it, a shell at the same terminal among them. So a pipe or a
terminal is opened a second time, for this process and those that it forks, and only that is non-blocking. A socket is
told with each call. Where a second opening is not to be had (macOS, a pipe of another user), the descriptor is asked
first whether it takes a line. A file on a disk or `/dev/null` takes what it can, at once.
"""

import os
import select
import socket
import stat
from collections.abc import Callable
from contextlib import suppress

MAX_WRITE_BYTES = select.PIPE_BUF
"""What a pipe takes whole or not at all, so that lines of several processes do not mix; longer lines may."""


class LineWriter:
    """The writer of one descriptor. It keeps the rest of a line of which only a part was taken."""

    def __init__(self, fd: int) -> None:
        self._fd = self._own = fd
        self._send: Callable[[int, bytes], int] = os.write
        self._choose_way()
        self._rest = b""

    def write(self, line: bytes) -> bool:
        """Write a line as far as it is taken at once; return False if not a byte of it was."""
        if self._push(self._rest):
            return False
        left = self._push(line)
        if len(left) == len(line):
            self._rest = b""
        return len(left) < len(line)

    def close(self) -> None:
        """Close what was opened for the writer; the descriptor itself stays open."""
        if self._own != self._fd:
            os.close(self._own)
            self._own = self._fd

    def _push(self, data: bytes) -> bytes:
        """Write what is taken at once; return and keep the rest."""
        with suppress(OSError):  # full, closed, or nobody reads
            while data:
                data = data[self._send(self._own, data[:MAX_WRITE_BYTES]) :]
        self._rest = data
        return data

    def _choose_way(self) -> None:
        try:
            mode = os.fstat(self._fd).st_mode
        except OSError:
            return  # closed: each write fails
        if stat.S_ISSOCK(mode):
            self._send = _send_to_socket
        elif stat.S_ISFIFO(mode) or os.isatty(self._fd):
            try:
                self._own = os.open(f"/proc/self/fd/{self._fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            except OSError:
                self._send = _write_if_ready


def _send_to_socket(fd: int, data: bytes) -> int:
    with socket.socket(fileno=os.dup(fd)) as peer:
        return peer.send(data, socket.MSG_DONTWAIT)


def _write_if_ready(fd: int, data: bytes) -> int:
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    if not poll.poll(0):
        raise BlockingIOError
    return os.write(fd, data)
