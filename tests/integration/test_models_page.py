"""The commands of the README and of docs/models.md run in a copy of the application, which then still serves."""

import json
import re
import shutil
from pathlib import Path

import pytest

from lockstep.bundles.versions import list_versions, read_aliases
from qa.servers import App, run_server
from qa.service import make_service
from tests.api_tables import VARIABLES
from tests.commands import run_command
from tests.pages import copy_application, find_commands, read_page

README, PAGE = read_page("README.md"), read_page("docs/models.md")
OWN_MODEL = "models/my-msft"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the application with its one model."""
    return copy_application(tmp_path_factory.mktemp("application"))


@pytest.fixture(scope="module")
def used(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The application after the commands of the README and of the page, one after the other, and what they printed."""
    folder = tmp_path_factory.mktemp("used") / "application"
    shutil.copytree(fresh, folder)
    of_readme = [command for command in find_commands(README) if OWN_MODEL in command]
    of_page = find_commands(PAGE)
    assert (len(of_readme), len(of_page)) == (3, 9)
    return folder, {
        " ".join(command): run_command(*command, folder=folder).check_output() for command in (*of_readme, *of_page)
    }


def test_the_commands_of_the_page_do_what_it_says(used: tuple[Path, dict[str, str]]) -> None:
    application, printed = used
    model = application / "models" / "demo"
    assert (list_versions(model), read_aliases(model)) == ([2], {"champion": 2, "previous": 2})
    assert "answers: " in printed["models diff demo 1 2"]


def test_the_application_serves_every_model_after_the_commands(used: tuple[Path, dict[str, str]]) -> None:
    application, _ = used
    run_command("verify", folder=application).check_output()
    service = make_service()
    with run_server(App(service.name, service.command, service.environ, application)) as server:
        status, answer = server.ask("GET", "/version")
    served = {(model["name"], model["version"], model["default"]) for model in json.loads(answer)["models"]}
    assert (status, served) == (200, {("demo", 2, False), ("msft", 1, True), ("my-msft", 1, False)})


def test_the_list_of_the_page_is_what_the_command_prints_at_first(fresh: Path) -> None:
    [shown] = re.findall(r"^\$ .venv/bin/lockstep models\n(.*?)^```$", PAGE, re.M | re.S)
    printed = run_command("models", folder=fresh).check_output().splitlines()
    for line, expected in zip(shown.splitlines(), printed, strict=True):
        assert line.split()[:7] == expected.split()[:7]


def test_the_files_of_a_bundle_are_those_of_the_page(fresh: Path) -> None:
    files = {path.name for path in (fresh / "models" / "msft" / "1").iterdir()}
    [shown] = re.findall(r"^    1/ +(.*)$", PAGE, re.MULTILINE)
    assert set(shown.split()) == files
    table = PAGE.partition("| file |")[2].partition("\n\n")[0]
    described = re.findall(r"^\| (`.*`) \|", table, re.MULTILINE)
    assert files | {"rows.csv"} == {name for cell in described for name in re.findall(r"`([\w.]+)`", cell)}


def test_the_settings_of_the_page_exist() -> None:
    named = set(re.findall(r"`(LOCKSTEP_\w+)`", PAGE))
    assert len(named) == 4
    assert named <= VARIABLES
