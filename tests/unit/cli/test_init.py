import sys
from pathlib import Path

import pytest

from lockstep.cli.main import main
from tests.unit.cli.conftest import Run


def test_init_prints_what_it_wrote_and_what_to_type_next(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "prices of mine"
    printed = run("init", folder).stdout.splitlines()
    written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert printed[0] == f"wrote  {len(written)} files into {folder}"
    assert [line.strip() for line in printed[1 : 1 + len(written)]] == written
    assert printed[1 + len(written)] == f"next   cd '{folder}'"
    assert [line.split()[:2] for line in printed[2 + len(written) :]] == [
        ["make", "test"], ["make", "run"], [".venv/bin/lockstep", "train"],
    ]  # fmt: skip


def test_a_folder_that_is_not_empty_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "models.py").touch()
    monkeypatch.setattr(sys, "argv", ["lockstep", "init", str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    expected = f"Error: {tmp_path} is not empty, it holds models.py; name a new folder or an empty one\n"
    assert capsys.readouterr().err == expected
