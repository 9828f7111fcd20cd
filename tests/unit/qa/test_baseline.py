import subprocess
from pathlib import Path

import pytest

from qa.bench.baseline import check_history, extract_commit
from qa.errors import RunFailed

WHO = ("-c", "user.name=t", "-c", "user.email=t@example.com")


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of two commits, each of which wrote its number into the file `number`."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    for number in ("1", "2"):
        (folder / "number").write_text(number)
        git(folder, "add", "number")
        git(folder, *WHO, "commit", "-q", "-m", number)
    return folder


@pytest.fixture
def first(repository: Path) -> str:
    return git(repository, "rev-parse", "HEAD~1")


def test_a_commit_of_the_history_is_written_as_it_was(repository: Path, first: str, tmp_path: Path) -> None:
    check_history(repository, first)
    extract_commit(repository, first, tmp_path / "cache" / "tree")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["tree"]
    assert (tmp_path / "cache" / "tree" / "number").read_text() == "1"


def test_a_shallow_clone_is_refused_with_the_command_that_completes_it(
    repository: Path, first: str, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")
    with pytest.raises(RunFailed, match=f"shallow: commit {first[:7]} is needed; run: git fetch --unshallow"):
        check_history(tmp_path / "shallow", first)
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    check_history(tmp_path / "shallow", first)


def test_a_repository_without_the_commit_is_refused(repository: Path) -> None:
    with pytest.raises(RunFailed, match="does not hold commit aaaaaaa"):
        check_history(repository, "a" * 40)


def test_a_folder_that_is_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="git rev-parse failed in"):
        check_history(tmp_path, "a" * 40)
