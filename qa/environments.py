"""Environments of exactly what a lock lists, made once and kept until the lock changes."""

import hashlib
import subprocess
import sys
from pathlib import Path

from qa.errors import RunFailed

INSTALL_TIMEOUT_S = 300.0


def make_environment(folder: Path, python: Path, lock: Path) -> Path:
    """Return the Python of the environment in `folder`, made by `python` or kept from an earlier run.

    Raises `RunFailed` with the last line of what venv or pip wrote.
    """
    stamp, digest = folder / "lock.sha256", hashlib.sha256(lock.read_bytes()).hexdigest()
    own = folder.absolute() / "bin" / "python"
    if not (stamp.exists() and stamp.read_text() == digest):
        # this environment's pip installs into the other: not every Python brings one along
        _run([str(python), "-m", "venv", "--clear", "--without-pip", str(folder)])
        pip = [sys.executable, "-m", "pip", "--python", str(own), "install", "-q", "--require-hashes"]
        _run([*pip, "--disable-pip-version-check", "-r", str(lock)])
        stamp.write_text(digest)
    return own


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - venv and pip
            command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunFailed(f"cannot be set up: {error}") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise RunFailed(f"cannot be set up: {lines[-1] if lines else done.returncode}")
