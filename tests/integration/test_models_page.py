"""The commands of the README and of docs/models.md run in a copy of the application, which then still serves."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lockstep.bundles.versions import list_versions, read_aliases
from qa.default_bundle import DEFAULT_MODEL
from qa.servers import ROOT, App, run_server
from qa.service import make_service
from tests.api_tables import VARIABLES

README, PAGE = ((ROOT / page).read_text() for page in ("README.md", "docs/models.md"))
OWN_MODEL = "models/my-msft"


def run(arguments: list[str], folder: Path) -> str:
    command = [sys.executable, "-P", "-m", "lockstep", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def find_commands(page: str) -> list[list[str]]:
    """Return the arguments of each `lockstep` command of a page, in its order."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/lockstep ")]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the application with its one model."""
    folder = tmp_path_factory.mktemp("application")
    for name in ("backend", "preprocessing", "data"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(DEFAULT_MODEL, folder / "models" / "msft")
    shutil.copy(ROOT / "lockstep.toml", folder)
    return folder


@pytest.fixture(scope="module")
def used(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The application after the commands of the README and of the page, one after the other, and what they printed."""
    folder = tmp_path_factory.mktemp("used") / "application"
    shutil.copytree(fresh, folder)
    of_readme = [command for command in find_commands(README) if OWN_MODEL in command]
    of_page = find_commands(PAGE)
    assert (len(of_readme), len(of_page)) == (3, 12)
    return folder, {" ".join(command): run(command, folder) for command in (*of_readme, *of_page)}


def test_the_commands_of_the_page_do_what_it_says(used: tuple[Path, dict[str, str]]) -> None:
    application, printed = used
    model = application / "models" / "demo"
    assert (list_versions(model), read_aliases(model)) == ([2], {"champion": 2, "previous": 2})
    assert "answers: " in printed["models diff demo 1 2"]


def test_the_application_serves_every_model_after_the_commands(used: tuple[Path, dict[str, str]]) -> None:
    application, _ = used
    run(["verify"], application)
    service = make_service()
    with run_server(App(service.name, service.command, service.environ, application)) as server:
        status, answer = server.ask("GET", "/version")
    served = {(model["name"], model["version"], model["default"]) for model in json.loads(answer)["models"]}
    trained = {(name, 1, False) for name in ("my-msft", "forest", "week", "direction")}
    assert (status, served) == (200, {("demo", 2, False), ("msft", 1, True), *trained})


def test_the_list_of_the_readme_is_what_the_command_prints(fresh: Path) -> None:
    [shown] = re.findall(r"^\$ .venv/bin/lockstep models\n(.*?)^```$", README, re.M | re.S)
    printed = run(["models"], fresh).splitlines()
    for line, expected in zip(shown.splitlines(), printed, strict=True):
        assert line.split()[:7] == expected.split()[:7]


def test_the_settings_of_the_page_exist() -> None:
    named = set(re.findall(r"`(LOCKSTEP_\w+)`", PAGE))
    assert len(named) == 4
    assert named <= VARIABLES
