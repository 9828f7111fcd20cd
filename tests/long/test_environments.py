import sys
from pathlib import Path

import pytest

from qa.environments import make_environment
from qa.errors import RunFailed

PYTHON = Path(sys.executable)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    (tmp_path / "web.txt").write_text("# nothing to install\n")
    return tmp_path / "web.txt"


def test_a_python_that_cannot_be_set_up_says_why(tmp_path: Path, lock: Path) -> None:
    broken = tmp_path / "python3.15"
    broken.write_text("#!/bin/sh\necho 'no module named venv'\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(RunFailed, match="cannot be set up: no module named venv"):
        make_environment(tmp_path / "environment", broken, lock)
    with pytest.raises(RunFailed, match=r"cannot be set up: .*No such file"):
        make_environment(tmp_path / "environment", tmp_path / "gone", lock)


def test_an_environment_is_kept_until_the_lock_changes(tmp_path: Path, lock: Path) -> None:
    python = make_environment(tmp_path / "environment", PYTHON, lock)
    assert python.exists()
    (mark := python.parent / "kept").touch()
    assert make_environment(tmp_path / "environment", PYTHON, lock) == python
    assert mark.exists()
    lock.write_text("# nothing to install, again\n")
    make_environment(tmp_path / "environment", PYTHON, lock)
    assert not mark.exists()
