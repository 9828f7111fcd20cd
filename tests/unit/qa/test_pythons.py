from pathlib import Path

import pytest

from qa.matrix import pythons


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
