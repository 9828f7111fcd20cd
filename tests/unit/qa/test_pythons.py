import sys
from pathlib import Path

import pytest

from qa.matrix import pythons
from qa.matrix.probe import NotInForce


def write_python(folder: Path, name: str, says: str, code: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    (folder / name).chmod(0o755)
    return folder / name


def test_every_version_is_found_once_the_oldest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write_python(first, "python3.13", "3 13 0 /a/python3.13")
    write_python(first, "python3.12", "shim: no such version", code=127)
    write_python(first, "python3.10", "3 10 13 /a/python3.10")
    write_python(second, "python3.13", "3 13 0 /b/python3.13")
    write_python(second, "python3.13-config", "3 99 0 /b/config")
    write_python(tmp_path / ".pyenv" / "versions" / "3.11.7" / "bin", "python3.11", "3 11 7 /c/with space/python3.11")
    monkeypatch.setenv("PATH", f"{first}:{second}")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert pythons.find_pythons() == {"3.11.7": Path("/c/with space/python3.11"), "3.13.0": Path("/a/python3.13")}


def test_a_python_that_cannot_be_set_up_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pythons, "ENVIRONMENTS", tmp_path)
    broken = write_python(tmp_path, "python3.15", "no module named venv", code=1)
    with pytest.raises(NotInForce, match="cannot be set up: no module named venv"):
        pythons.make_environment("3.15.0", broken)
    with pytest.raises(NotInForce, match=r"cannot be set up: .*No such file"):
        pythons.make_environment("3.15.0", tmp_path / "gone")


def test_an_environment_is_kept_until_the_lock_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "web.txt"
    lock.write_text("# nothing to install\n")
    monkeypatch.setattr(pythons, "ENVIRONMENTS", tmp_path / "environments")
    monkeypatch.setattr(pythons, "LOCK", lock)
    python = pythons.make_environment("3.11.7", Path(sys.executable))
    assert python.exists()
    (mark := python.parent / "kept").touch()
    assert pythons.make_environment("3.11.7", Path(sys.executable)) == python
    assert mark.exists()
    lock.write_text("# nothing to install, again\n")
    pythons.make_environment("3.11.7", Path(sys.executable))
    assert not mark.exists()
