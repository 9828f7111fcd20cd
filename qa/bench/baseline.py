"""The commit that this one may not be slower than, checked out and installed beside it."""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from qa.environments import make_environment
from qa.errors import RunFailed
from qa.servers import App

COMMIT = "ca6aeb09df24be1d4023bd14dbff520fccf49cb6"
SHORT = COMMIT[:7]
GUNICORN = ("-m", "gunicorn", "-c", "backend/gunicorn.conf.py")
"""What Python is given in the folder of either commit, before the name of an app."""


def make_baseline(repository: Path, cache: Path, environ: dict[str, str]) -> App:
    """Return the service of `COMMIT`; its files and its environment are made in `cache` once.

    Raises `RunFailed` if the repository does not hold the commit or the environment cannot be installed.
    """
    check_history(repository, COMMIT)
    tree = cache / SHORT / "tree"
    if not tree.exists():
        extract_commit(repository, COMMIT, tree)
    python = make_environment(cache / SHORT / "environment", Path(sys.executable), tree / "requirements" / "web.txt")
    return App(SHORT, (str(python), *GUNICORN, "backend.wsgi:app"), environ, tree)


def check_history(repository: Path, commit: str) -> None:
    """Raise `RunFailed` if the repository is a shallow clone or does not hold the commit."""
    if _git(repository, "rev-parse", "--is-shallow-repository").strip() == b"true":
        raise RunFailed(f"this clone is shallow: commit {commit[:7]} is needed; run: git fetch --unshallow")
    try:
        _git(repository, "cat-file", "-e", f"{commit}^{{commit}}")
    except RunFailed:
        raise RunFailed(f"{repository} does not hold commit {commit[:7]}, which this one is compared with") from None


def extract_commit(repository: Path, commit: str, tree: Path) -> None:
    """Write the files of a commit into a new folder, which is there as a whole or not at all."""
    tree.parent.mkdir(parents=True, exist_ok=True)
    archive = _git(repository, "archive", "--format=tar", commit)
    with tempfile.TemporaryDirectory(dir=tree.parent) as scratch, tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(Path(scratch) / "tree", filter="data")
        (Path(scratch) / "tree").rename(tree)


def _git(repository: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(repository), *arguments]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own command
    if done.returncode != 0:
        raise RunFailed(f"git {arguments[0]} failed in {repository}", done.stderr.decode(errors="replace"))
    return done.stdout
