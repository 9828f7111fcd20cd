"""A service that answers with what reached it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SILENT, DYING = "/silent", "/dying"
"""The path that is never answered, and the one whose first request ends its connection."""


class Upstream(ThreadingHTTPServer):
    """A server on loopback that counts its requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.requests, self.lives = 0, True
        self.ended = threading.Event()


class Echo(BaseHTTPRequestHandler):
    """Answers each request with the port that its connection came from, its headers and the length of its body."""

    server: Upstream
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves at once

    def do_GET(self) -> None:
        """Answer a request."""
        self.server.requests += 1
        length = len(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if self.path == SILENT:
            self.server.ended.wait()
        if self.path == SILENT or (self.path == DYING and self.server.lives):
            self.close_connection, self.server.lives = True, False
            return
        seen = {"port": self.client_address[1], "headers": dict(self.headers.items()), "length": length}
        body = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 -- the name that http.server looks for

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def run_upstream() -> Iterator[Upstream]:
    """Run the service on a thread of its own inside a `with` block."""
    with Upstream() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()
