"""The Pythons of this machine."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

OLDEST = (3, 11)
NAMES = "python3.[1-9][0-9]"


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
