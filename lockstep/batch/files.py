"""Files that are there as a whole or not at all, whenever a process or the machine dies."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY = ".tmp-"
"""How the names of files and folders begin that are not finished."""


def write_file(path: Path, content: bytes) -> None:
    """Write a file in the place of any that is there; after a crash there is the one or the other."""
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


@contextmanager
def make_folder(parent: Path) -> Iterator[Path]:
    """Yield a new folder in `parent` for what is not finished; it is deleted at the end, with what is still in it."""
    fresh = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=parent))
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def move_folder(finished: Path, path: Path) -> None:
    """Move a folder, whose files are synced, to where a killed run may have left one."""
    if path.exists():
        path.rename(finished.parent / f"old-{path.name}")
    finished.rename(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Let the names in a folder outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_unfinished(folder: Path) -> None:
    """Delete what killed processes left in a folder."""
    for each in folder.glob(f"{TEMPORARY}*"):
        shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)
