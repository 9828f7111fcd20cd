"""Servers, started and stopped by process id."""

import http
import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from qa.bench.errors import BenchError
from qa.bench.plan import WORKERS

QUIET_GUNICORN = ("-m", "gunicorn", "-c", "backend/gunicorn.conf.py", "--access-logfile", "/dev/null")
SERVE = ("-m", "lockstep", "serve")
"""What Python is given: gunicorn with the project's configuration but no access log, and `lockstep serve`."""

OWN_PREFIXES = ("LOCKSTEP_", "GUNICORN_", "NPY_", "OPENBLAS_")
BEYOND_REACH = "999999999/minute"  # counted as ever, and never refused
POLL_S = 0.005
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0


@dataclass(frozen=True)
class App:
    """Name an app, what its Python is given, in which environment, and its path for each number of rows."""

    name: str
    arguments: tuple[str, ...]
    python: Path
    paths: dict[int, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    """Hold a server that has answered `/ready` with 200, `launch_s` seconds after it was launched."""

    app: App
    port: int
    process: subprocess.Popen[bytes]
    launch_s: float

    @property
    def pids(self) -> list[int]:
        """Return the process ids of the master and its workers, the master first."""
        master = self.process.pid
        return [master, *map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())]

    def post(self, path: str, body: bytes) -> bytes:
        """Return the answer to one request; raise `BenchError` where it is not 200."""
        status, answer = _request(self.port, "POST", path, body)
        if status != http.HTTPStatus.OK:
            raise BenchError(f"{self.app.name}: {status} from {path}: {answer[:500]!r}")
        return answer


@contextmanager
def run_server(app: App) -> Iterator[Server]:
    """Run an app inside a `with` block; a `BenchError` that leaves the block takes the server's log along."""
    with tempfile.TemporaryFile() as log:
        port, started = _find_free_port(), time.perf_counter()
        process = _launch(app, port, log)
        try:
            _wait_until_ready(process, port)
            yield Server(app, port, process, time.perf_counter() - started)
        except BenchError as error:
            log.seek(0)
            error.log += f"\n--- {app.name}\n{log.read().decode(errors='replace')}"
            raise
        finally:
            _stop(process)


def _launch(app: App, port: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
    environ = {**make_environ(app.environ), "PORT": str(port)}
    command = [str(app.python), *app.arguments]
    return subprocess.Popen(command, env=environ, stdout=log, stderr=log)  # noqa: S603 - our own command


def make_environ(asked: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with the defaults of whatever changes how the service runs, then `asked`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OWN_PREFIXES)}
    return {**inherited, "WEB_CONCURRENCY": str(WORKERS), "LOCKSTEP_RATE_LIMIT": BEYOND_REACH, **asked}


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.perf_counter() + START_TIMEOUT_S
    while not _is_ready(port):
        if process.poll() is not None or time.perf_counter() > deadline:
            raise BenchError("the server did not get ready")
        time.sleep(POLL_S)


def _is_ready(port: int) -> bool:
    try:
        return _request(port, "GET", "/ready")[0] == http.HTTPStatus.OK
    except ConnectionError:
        return False


def _request(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT_S)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
