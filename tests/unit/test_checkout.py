"""The commit of a folder, and the files that differ from it, in checkouts made here."""

import subprocess
from pathlib import Path

import pytest

from lockstep.checkout import Checkout, is_tracked, read_checkout

WHO = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *WHO, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "inside").mkdir(parents=True)
    for name in ("kept", "inside/changed file", "moved", "gone"):
        (folder / name).write_text(f"{name}\n" * 9)
    (folder / ".gitignore").write_text("ignored\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_the_commit_is_that_of_git_from_every_folder_inside(checkout: Path) -> None:
    (checkout / "ignored").touch()
    expected = Checkout(git(checkout, "rev-parse", "HEAD"), ())
    assert [read_checkout(checkout), read_checkout(checkout / "inside")] == [expected] * 2
    assert expected.described == expected.commit


def test_every_kind_of_difference_is_named(checkout: Path) -> None:
    (checkout / "inside" / "changed file").write_text("other")
    git(checkout, "mv", "moved", "moved to ü")
    (checkout / "gone").unlink()
    (checkout / "new").touch()
    found = read_checkout(checkout)
    assert found is not None
    assert sorted(found.changed) == ["gone", "inside/changed file", "moved to ü", "new"]
    assert found.described == f"{git(checkout, 'rev-parse', 'HEAD')}-dirty"


def test_a_conflict_is_a_difference(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "-b", "other")
    (checkout / "kept").write_text("theirs")
    git(checkout, "commit", "-q", "-am", "theirs")
    git(checkout, "checkout", "-q", "main")
    (checkout / "kept").write_text("ours")
    git(checkout, "commit", "-q", "-am", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        git(checkout, "merge", "-q", "other")
    found = read_checkout(checkout)
    assert found is not None
    assert found.changed == ("kept",)


def test_a_worktree_has_its_own_commit(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    (tmp_path / "tree" / "kept").write_text("other")
    git(tmp_path / "tree", "commit", "-q", "-am", "second")
    found = read_checkout(tmp_path / "tree")
    assert found == Checkout(git(checkout, "rev-parse", "other"), ())


def test_there_is_no_commit_before_the_first_outside_of_git_and_without_git(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q")
    assert read_checkout(tmp_path) is None
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    assert [read_checkout(tmp_path / "elsewhere"), read_checkout(tmp_path / "missing")] == [None] * 2
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_checkout(checkout) is None


def test_a_git_that_fails_or_hangs_is_as_none(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr("lockstep.checkout.TIMEOUT_S", 0.2)
    assert read_checkout(checkout) is None
    (tmp_path / "git").write_text("not a program")
    assert read_checkout(checkout) is None


def test_the_repository_of_a_hook_is_not_that_of_the_folder(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_checkout(checkout)
    git(tmp_path, "init", "-q", "--bare", "hook.git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "hook.git"))
    assert read_checkout(checkout) == expected


def test_a_file_that_git_ignores_or_does_not_know_is_not_tracked(checkout: Path) -> None:
    for name in ("ignored", "new"):
        (checkout / name).touch()
    assert [is_tracked(checkout / name) for name in ("kept", "ignored", "new")] == [True, False, False]
