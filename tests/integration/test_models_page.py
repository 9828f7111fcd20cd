"""Every command of docs/models.md is run, in an application of its own, and the README shows what one prints."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lockstep.bundles.versions import list_versions, read_aliases
from qa.servers import ROOT
from tests.api_tables import VARIABLES

PAGE = (ROOT / "docs" / "models.md").read_text()


def run(arguments: list[str], folder: Path) -> str:
    command = [sys.executable, "-P", "-m", "lockstep", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("application")
    for name in ("preprocessing", "data"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "lockstep.toml").write_text("")
    return folder


def test_the_commands_of_the_page_do_what_it_says(application: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)
    lines = [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]
    assert len(lines) == 8
    printed = {" ".join(line): run(line, application) for line in lines[:7]}
    model = application / "models" / "demo"
    assert (list_versions(model), read_aliases(model)) == ([1, 2], {"champion": 2, "previous": 1})
    assert "answers: " in printed["models diff demo 1 2"]
    run(["models", "promote", "demo", "2", "--alias", "previous"], application)
    run(lines[7], application)
    assert list_versions(model) == [2]


def test_the_list_of_the_readme_is_what_the_command_prints() -> None:
    [shown] = re.findall(r"^\$ lockstep models\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    printed = run(["models"], ROOT).splitlines()
    for line, expected in zip(shown.splitlines(), printed, strict=True):
        assert line.split()[:7] == expected.split()[:7]


def test_the_settings_of_the_page_exist() -> None:
    named = set(re.findall(r"`(LOCKSTEP_\w+)`", PAGE))
    assert len(named) == 4
    assert named <= VARIABLES
