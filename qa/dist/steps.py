"""Commands that have to end as expected, each printed with the time it took."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.errors import RunFailed
from qa.servers import make_environ

TIMEOUT_S = 300.0


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Print what a block did and how long it took."""
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:6.1f} s  {step}", flush=True)


def run(command: list[str | Path], folder: Path, expected: int = 0, **environ: str) -> str:
    """Return what a command printed in `folder`; raise `RunFailed` unless it ends with `expected`."""
    words = [str(word) for word in command]
    ended = subprocess.run(  # noqa: S603 -- our own commands
        words, cwd=folder, env=make_environ(environ), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    printed = ended.stdout + ended.stderr
    if ended.returncode != expected:
        raise RunFailed(f"`{' '.join(words)}` exited with {ended.returncode}, expected {expected}", printed)
    return printed


def expect(text: str, printed: str) -> None:
    """Raise `RunFailed` unless `text` was printed."""
    if text not in printed:
        raise RunFailed(f"{text!r} was not printed", printed)
