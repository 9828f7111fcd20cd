"""The application under uWSGI, as docs/hosting.md starts it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qa.errors import ToolMissing
from qa.servers import ROOT, App, Server, run_server, wait_until
from qa.service import STEADY, WORKERS

COMMAND = ("uwsgi", "--ini", "backend/uwsgi.ini")
"""What docs/hosting.md shows."""
ENVIRONMENT = ROOT / ".venv-doors" / "uwsgi"
INSTALL = "make .venv-doors/uwsgi/.installed"
LOADED = "rows reproduced"
"""What the log says once for each bundle that is loaded."""


def find_uwsgi() -> Path:
    """Return the folder with uWSGI and the Python of its environment; raise `RunFailed` with what makes it."""
    folder = ENVIRONMENT / "bin"
    if not (folder / COMMAND[0]).is_file():
        raise ToolMissing(f"uWSGI is not installed; {INSTALL}")
    return folder


def make_uwsgi(*options: str, environ: Mapping[str, str] | None = None) -> App:
    """Return the app that uWSGI runs on the library of this checkout, with options behind those of the file."""
    path = {"PATH": f"{find_uwsgi()}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return App("uWSGI", (*COMMAND, *options), {**STEADY, **path, **(environ or {})})


@contextmanager
def run_uwsgi(*options: str, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run the app inside a `with` block, once every worker has started."""
    with run_server(make_uwsgi(*options, environ=environ)) as server:
        wait_for_workers(server)
        yield server


def wait_for_workers(server: Server) -> list[int]:
    """Return the process ids of the workers when there are as many as usual; raise TimeoutError if there never are."""
    wait_until(lambda: len(server.workers) == WORKERS, f"not {WORKERS} workers")
    return server.workers
