"""The checkout of git that a folder is in: which commit it is, and the files that differ from it."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

DIRTY = "-dirty"
TIMEOUT_S = 5
COMMIT_LINE = "# branch.oid "
OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
"""Variables that lead to the repository of the hook that a command runs in, wherever the folder is."""
FIELDS = {"1": 8, "2": 9, "u": 10, "?": 1}
"""How many words stand before the path in a line of `git status --porcelain=v2`, by its first word."""


@dataclass(frozen=True)
class Checkout:
    """A commit, and the paths that differ from it or are new, relative to the top folder."""

    commit: str
    changed: tuple[str, ...]

    @property
    def described(self) -> str:
        """Return the commit, `-dirty` after it if files differ."""
        return self.commit + (DIRTY if self.changed else "")


def read_checkout(folder: Path) -> Checkout | None:
    """Return the checkout that a folder is in; None without git, without a commit, or if git takes too long."""
    lines = _git(folder, "status", "--porcelain=v2", "--branch").splitlines()
    commit = next((line.removeprefix(COMMIT_LINE) for line in lines if line.startswith(COMMIT_LINE)), "")
    if not commit.isalnum():  # `(initial)` before the first commit
        return None
    changed = [line.split(" ", FIELDS[line[0]])[-1] for line in lines if line[0] in FIELDS]
    # behind a tab stands the path from which a file was renamed
    return Checkout(commit, tuple(path.partition("\t")[0] for path in changed))


def is_tracked(file: Path) -> bool:
    """Return whether a file is one of a checkout: a library may be installed inside somebody else's."""
    return bool(_git(file.parent, "ls-files", "--", file.name))


def _git(folder: Path, *arguments: str) -> str:
    """Return what git prints, empty if it fails; no lock is taken, and nothing is written."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "--no-optional-locks", "-c", "core.quotepath=false", "-C", str(folder), *arguments]
    environ = {name: value for name, value in os.environ.items() if name not in OF_HOOKS}
    try:
        ended = subprocess.run(  # noqa: S603 -- our own words
            command, check=False, capture_output=True, text=True, timeout=TIMEOUT_S, env=environ, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if ended.returncode else ended.stdout
