"""The service under chaos: all its workers at work, one of them ended, or a start that fails."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qa.errors import RunFailed
from qa.servers import Server, run_server, wait_until
from qa.service import WORKERS, make_service


@contextmanager
def run_service(*paths: Path, wrap: tuple[str, ...] = (), environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run the service inside a `with` block, once every worker has started; see `make_service`."""
    with run_server(make_service(*paths, wrap=wrap, environ=environ)) as server:
        wait_until(lambda: len(server.workers) == WORKERS, f"not {WORKERS} workers")
        yield server


def kill_worker(server: Server) -> int:
    """End a worker by SIGKILL and wait for the one that takes its place; return its process id."""
    before = server.workers
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: bool({*server.workers} - {*before}), "no worker took the place of the killed one")
    return before[0]


def try_start(environ: Mapping[str, str]) -> str:
    """Return the last line of a new process that ends instead of serving; empty if it serves."""
    try:
        with run_server(make_service(environ=environ)):
            return ""
    except RunFailed as error:
        return str(error).splitlines()[-1]
