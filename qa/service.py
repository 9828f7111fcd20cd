"""The service as an operator starts it, with two workers unless another number is set."""

import sys
from collections.abc import Mapping
from pathlib import Path

from qa.servers import App

WORKERS = 2
STEADY = {"WEB_CONCURRENCY": str(WORKERS), "LOCKSTEP_RATE_LIMIT": "999999999/minute"}
"""What makes runs alike: the same workers on every machine, and requests that are counted and never refused."""


def make_service(
    *paths: Path, python: Path | None = None, wrap: tuple[str, ...] = (), environ: Mapping[str, str] | None = None
) -> App:
    """Return the app that `lockstep serve PATHS` is, steady but for `environ`; `wrap` is a command that runs it."""
    command = (*wrap, str(python or sys.executable), "-m", "lockstep", "serve", *map(str, paths))
    return App("lockstep serve", command, {**STEADY, **(environ or {})})
