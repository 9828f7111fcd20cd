"""Servers on loopback: started, waited for, asked, and stopped by process id."""

import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from qa.errors import RunFailed

ROOT = Path(__file__).parents[1]
OWN_PREFIXES = ("LOCKSTEP_", "GUNICORN_", "NPY_", "OPENBLAS_", "WEB_CONCURRENCY", "REDIS_URL", "PORT")
POLL_S = 0.005
TIMEOUT_S = 60.0
"""For a start, an answer, a condition and, above the 25 s that gunicorn gives its workers, a stop."""


@dataclass(frozen=True)
class App:
    """A command that serves on the port that the variable PORT names.

    `environ` is added to a clean environment. The app is ready when `probe` is answered with 200, or, if there is
    none, when its port is open.
    """

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    probe: str = "/ready"
    start_timeout_s: float = TIMEOUT_S


class Server:
    """A process on a free port of loopback, which writes into the file `log`."""

    def __init__(self, app: App, log: Path, port: int | None = None) -> None:
        self.app, self.log, self.port = app, log, port or find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.launch_s, self._launched = 0.0, time.perf_counter()
        environ = {**make_environ(app.environ), "PORT": str(self.port)}
        with log.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                app.command, cwd=app.folder, env=environ, stdout=output, stderr=output
            )

    def __enter__(self) -> Self:
        """Leave the server running until the block ends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop the server."""
        self.stop()

    @property
    def pids(self) -> list[int]:
        """Return the process ids of the master and its workers, the master first."""
        return [self.process.pid, *self.workers]

    @property
    def workers(self) -> list[int]:
        """Return the process ids of the workers, the oldest first."""
        master = self.process.pid
        return [*map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())]

    def wait_until_ready(self) -> None:
        """Return when the server is ready, `launch_s` seconds after its launch; raise `RunFailed` if it is not."""
        while not self._is_ready():
            if self.process.poll() is not None or time.perf_counter() > self._launched + self.app.start_timeout_s:
                raise RunFailed(f"{self.app.name} did not get ready", self.read_log())
            time.sleep(POLL_S)
        self.launch_s = time.perf_counter() - self._launched

    def _is_ready(self) -> bool:
        try:
            if self.app.probe:
                return self.ask("GET", self.app.probe)[0] == HTTPStatus.OK
            socket.create_connection(("127.0.0.1", self.port), TIMEOUT_S).close()
        except ConnectionError:
            return False
        return True

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Return the status and the body of the answer to one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def read_log(self) -> str:
        """Return what the server has written."""
        return self.log.read_text(errors="replace")

    def stop(self) -> int:
        """Send SIGTERM to a server that still runs and return its exit code; raise `RunFailed` if it does not end."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RunFailed(f"{self.app.name} did not end in {TIMEOUT_S:.0f} s", self.read_log()) from None


@contextmanager
def run_server(app: App) -> Iterator[Server]:
    """Run an app inside a `with` block; a `RunFailed` that leaves the block takes the server's log along."""
    with tempfile.TemporaryDirectory() as folder, Server(app, Path(folder) / "log") as server:
        server.wait_until_ready()
        try:
            yield server
        except RunFailed as error:
            error.log += f"\n--- {app.name}\n{server.read_log()}"
            raise


def make_environ(added: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without what changes how a service runs, and with what is added."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN_PREFIXES)}
    return {**inherited, **added}


def find_free_port() -> int:
    """Return a port of loopback that nobody has bound."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    """Return as soon as `holds()` is true; raise TimeoutError after half a minute."""
    deadline = time.monotonic() + TIMEOUT_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(POLL_S)
