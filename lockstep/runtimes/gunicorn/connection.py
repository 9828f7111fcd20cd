"""A connection to a client, which gunicorn reads requests from and writes answers to."""

import errno
import socket
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE
from typing import TYPE_CHECKING, Any

from greenlet import greenlet

if TYPE_CHECKING:
    from lockstep.runtimes.gunicorn.loop import Loop

ARRIVAL_S = 20.0
"""How long a request, head and body, may take to arrive, and an answer to be read; below a router's 30 s."""

LINGER_S = 2.0
MOST_DRAINED = 2**26
"""How long and how many bytes are read and thrown away after the last answer: closed earlier, a client that still
sends would miss the answer."""

FIRST_BYTES = 2**13
AT_A_TIME = 2**18
"""After so many bytes of one request the others have their turn."""


class Connection:
    """A client's socket that gives way to others where the client has to be waited for.

    `deadline` is that of what is waited for: a request, the rest of one, an answer to be read, the client's goodbye.
    """

    def __init__(self, loop: "Loop", sock: socket.socket, address: Any, server: Any) -> None:
        self.loop, self.sock, self.address, self.server = loop, sock, address, server
        self.parser: Any = None
        self.greenlet: greenlet | None = None
        self.began = self.deadline = 0.0
        self.held = self.unshared = self.drained = 0
        self.is_cut = self.is_ending = False
        sock.setblocking(False)

    def resume(self) -> None:
        """Go on with what the connection waits for; called by the loop, when the client is ready or cut off."""
        if self.greenlet is not None:
            self.greenlet.switch()
        elif self in self.loop.idle and self._has_begun():
            del self.loop.idle[self]
            self.began = self.loop.now
            self.greenlet = greenlet(self._serve)
            self.greenlet.switch()

    def _serve(self) -> None:
        try:
            self.loop.serve(self)
        finally:
            self.greenlet = None

    def _has_begun(self) -> bool:
        """Return whether bytes of a request are there; a connection that the client has ended is closed."""
        if self.has_more and not self.is_ending:
            return True
        try:
            received = self.sock.recv(AT_A_TIME if self.is_ending else FIRST_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            received = b""
        self.drained += len(received) if self.is_ending else 0
        if not received or self.drained > MOST_DRAINED:
            self.loop.drop(self)
        elif not self.is_ending:
            self.loop.hold(self, len(received))
            self.parser.unreader.unread(received)
            return True
        return False

    @property
    def has_more(self) -> bool:
        """Return whether bytes of the next request came with the last one."""
        return bool(self.parser.unreader.buf.getbuffer().nbytes)

    def recv(self, size: int) -> bytes:
        """Return what has come, at most `size` bytes; nothing if the client has ended it or was too slow."""
        if self.unshared > AT_A_TIME:
            self._wait(EVENT_READ, self.began + ARRIVAL_S)
        while not self.is_cut:
            with suppress(BlockingIOError):
                received = self.sock.recv(size)
                self.unshared += len(received)
                self.loop.hold(self, len(received))
                return received
            self._wait(EVENT_READ, self.began + ARRIVAL_S)
        return b""

    def sendall(self, data: Any) -> None:
        """Send all of the data; raise `BrokenPipeError` if the client does not read it in time."""
        sent = self._send(data)
        if sent == len(data):
            return
        rest = memoryview(data)[sent:]
        self.loop.hold(self, len(rest))
        deadline = self.loop.now + ARRIVAL_S
        while rest:
            if self.is_cut:
                raise BrokenPipeError(errno.EPIPE, "the client does not read its answer")
            self._wait(EVENT_WRITE, deadline)
            rest = rest[self._send(rest) :]

    send = sendall
    """gunicorn sends `100 Continue` with it, and does not look at how much was sent."""

    def _send(self, data: Any) -> int:
        try:
            return self.sock.send(data)
        except BlockingIOError:
            return 0

    def shutdown(self, how: int) -> None:
        """End the connection, as gunicorn does where an answer breaks off."""
        self.sock.shutdown(how)

    def close(self) -> None:
        """Leave the closing to `end`."""

    def end(self) -> None:
        """Say goodbye after the last answer, and wait for the client's."""
        with suppress(OSError):  # the client was faster
            self.sock.shutdown(socket.SHUT_WR)
        self.is_ending = True
        self.loop.rest(self, self.loop.now + LINGER_S)

    def _wait(self, event: int, deadline: float) -> None:
        self.deadline, self.unshared = deadline, 0
        if event != EVENT_READ:
            self.loop.selector.modify(self.sock, event, self.resume)
        self.loop.hub.switch()
        if event != EVENT_READ:
            self.loop.selector.modify(self.sock, EVENT_READ, self.resume)
