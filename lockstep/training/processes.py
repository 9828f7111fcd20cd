"""Run a module of this library in a process of its own: bytes in, bytes out."""

import os
import subprocess
import sys
from collections.abc import Mapping
from types import MappingProxyType

from lockstep.errors import LockstepError

TIMEOUT_S = 600.0
NOTHING: Mapping[str, str] = MappingProxyType({})


class ProcessFailed(LockstepError):
    """A process that ended without an answer; the message is the last line that it wrote."""


def run_apart(module: str, content: bytes, environ: Mapping[str, str] = NOTHING) -> bytes:
    """Return what `python -m MODULE` writes when it reads `content`; `environ` are variables that it gets beside ours.

    Raises `ProcessFailed` if it ends with an error, or does not end within `TIMEOUT_S`.
    """
    command = [sys.executable, "-P", "-m", module]
    environ = {**os.environ, **environ}
    try:
        done = subprocess.run(  # noqa: S603 -- a module of this library
            command, input=content, env=environ, capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessFailed(f"no answer within {TIMEOUT_S:g} seconds") from error
    if done.returncode != 0:
        written = done.stderr.decode(errors="replace").strip().splitlines()
        raise ProcessFailed(written[-1] if written else f"exit code {done.returncode}")
    return done.stdout
