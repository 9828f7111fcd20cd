"""The service under chaos: `lockstep serve` with two workers, as an operator starts it."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.bench.errors import BenchError
from qa.bench.plan import WORKERS
from qa.bench.servers import SERVE, App, Server, run_server

WAIT_S = 30.0
POLL_S = 0.02


@contextmanager
def run_service(wrap: tuple[str, ...] = (), bundle: Path | None = None, **environ: str) -> Iterator[Server]:
    """Run the service inside a `with` block, with what is added to the environment; `wrap` is a command before it."""
    serve = (*SERVE, str(bundle)) if bundle else SERVE
    python, arguments = Path(sys.executable), serve
    if wrap:
        python, arguments = Path(wrap[0]), (*wrap[1:], sys.executable, *serve)
    with run_server(App("lockstep serve", arguments, python, environ=environ)) as server:
        wait_until(lambda: len(workers_of(server)) == WORKERS, f"not {WORKERS} workers")
        yield server


def workers_of(server: Server) -> list[int]:
    """Return the process ids of the workers."""
    return server.pids[1:]


def kill_worker(server: Server) -> int:
    """End a worker by SIGKILL and wait for the one that takes its place; return its process id."""
    victim, before = workers_of(server)[0], set(workers_of(server))
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: bool(set(workers_of(server)) - before), "no worker took the place of the killed one")
    return victim


def wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    """Return as soon as `holds()` is true; raise TimeoutError after half a minute."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(POLL_S)


def try_start(**environ: str) -> str:
    """Return what a new process says that ends instead of serving; empty where it serves."""
    try:
        with run_server(App("a second service", SERVE, Path(sys.executable), environ=environ)):
            return ""
    except BenchError as error:
        return error.log.strip().splitlines()[-1]
