"""The Pythons of this machine, and an environment of the web image's packages for each."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from qa.matrix.probe import NotInForce

OLDEST = (3, 11)
NAMES = "python3.[1-9][0-9]"
LOCK = Path("requirements/web.txt")
ENVIRONMENTS = Path(".venv-matrix")
INSTALL_TIMEOUT_S = 300.0


def find_pythons() -> dict[str, Path]:
    """Return one interpreter for each version from 3.11 on, on PATH and in pyenv's folder, oldest version first."""
    found: dict[tuple[int, ...], Path] = {}
    for candidate in _find_candidates():
        asked = [str(candidate), "-c", "import sys; print(*sys.version_info[:3], sys._base_executable)"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - a Python
        if done.returncode == 0:  # pyenv's shims fail for versions that are not switched on; its folder has them
            *version, executable = done.stdout.split(maxsplit=3)
            found.setdefault(tuple(map(int, version)), Path(executable.strip()))
    return {".".join(map(str, version)): found[version] for version in sorted(found) if version >= OLDEST}


def _find_candidates() -> Iterator[Path]:
    for folder in os.get_exec_path():
        yield from sorted(Path(folder).glob(NAMES))
    yield from sorted((Path.home() / ".pyenv" / "versions").glob(f"*/bin/{NAMES}"))


def make_environment(version: str, python: Path) -> Path:
    """Return the Python of an environment with exactly the web image's packages, made or kept from an earlier run.

    Raises `NotInForce` with the last line of what venv or pip said.
    """
    folder = ENVIRONMENTS / version
    stamp, digest = folder / "lock.sha256", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    own = folder.absolute() / "bin" / "python"
    if not (stamp.exists() and stamp.read_text() == digest):
        # this environment's pip installs into the other: not every Python brings one along
        _run([str(python), "-m", "venv", "--clear", "--without-pip", str(folder)])
        pip = [sys.executable, "-m", "pip", "--python", str(own), "install", "-q", "--require-hashes"]
        _run([*pip, "--disable-pip-version-check", "-r", str(LOCK)])
        stamp.write_text(digest)
    return own


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - venv and pip
            command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInForce(f"cannot be set up: {error}") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise NotInForce(f"cannot be set up: {lines[-1] if lines else done.returncode}")
