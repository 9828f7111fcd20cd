"""An answer as it is sent."""

import time
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from gunicorn.http import wsgi


class WholeAnswer(wsgi.Response):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's answer, whose head leaves together with the first bytes of its body; no header names the server."""

    headers_sent: bool
    head = b""

    def should_close(self) -> bool:
        """Return whether the connection ends with this answer; one whose client was too slow does."""
        return self.sock.is_cut or super().should_close()

    def default_headers(self) -> list[str]:
        """Return the status line and the headers that the server adds."""
        lines = [
            "HTTP/{}.{} {}\r\n".format(*self.req.version, self.status),
            f"Date: {format_date(int(time.time()))}\r\n",
            f"Connection: {'close' if self.should_close() else 'keep-alive'}\r\n",
        ]
        return [*lines, "Transfer-Encoding: chunked\r\n"] if self.chunked else lines

    def send_headers(self) -> None:
        """Keep the head until there is something of the body to send."""
        if not self.headers_sent:
            lines = [*self.default_headers(), *(f"{name}: {value}\r\n" for name, value in self.headers), "\r\n"]
            self.head = "".join(lines).encode("latin-1")
            self.headers_sent = True

    def can_sendfile(self) -> bool:
        """Return that files are read and sent like anything else, so that the client may be waited for."""
        return False

    def close(self) -> None:
        """Send what is left."""
        super().close()
        self._send_head_and(b"")

    def _emit_body(self, data: bytes) -> None:
        self._send_head_and(b"%X\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    def _send_head_and(self, data: Any) -> None:
        head, self.head = self.head, b""
        if head or data:
            self.sock.sendall(head + data)


@lru_cache(maxsize=1)  # once a second, not once an answer
def format_date(at_s: int) -> str:
    """Return a time as HTTP writes it."""
    return formatdate(at_s, usegmt=True)
