"""The service as an operator starts it, with two workers unless another number is set."""

import sys
from collections.abc import Mapping
from pathlib import Path

from qa.servers import ROOT, App

WORKERS = 2
STEADY = {"WEB_CONCURRENCY": str(WORKERS), "LOCKSTEP_RATE_LIMIT": "999999999/minute"}
"""What makes runs alike: the same workers on every machine, and requests that are counted and never refused."""


def make_service(
    *paths: Path, python: Path | None = None, wrap: tuple[str, ...] = (), environ: Mapping[str, str] | None = None
) -> App:
    """Return the app that `lockstep serve PATHS` is, steady but for `environ`; `wrap` is a command that runs it.

    Another `python` runs the library of this checkout: its environment is of a lock, which does not list it.
    """
    library = {"PYTHONPATH": str(ROOT)} if python else {}
    command = (*wrap, str(python or sys.executable), "-m", "lockstep", "serve", *map(str, paths))
    return App("lockstep serve", command, {**STEADY, **library, **(environ or {})})
