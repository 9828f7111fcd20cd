"""The checkout that is deployed: which commit it is."""

import shutil
import subprocess

DIRTY = "-dirty"


def read_commit() -> str | None:
    """Return the commit of the working folder, `-dirty` after it where files differ; None outside of git."""
    commit = _git("rev-parse", "HEAD")
    return commit + (DIRTY if _git("status", "--porcelain") else "") if commit else None


def _git(*arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    ended = subprocess.run([git, *arguments], check=False, capture_output=True, text=True)  # noqa: S603 -- our own words
    return "" if ended.returncode else ended.stdout.strip()
