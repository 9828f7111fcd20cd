"""docs/quick-start.md: each command runs, in the page's order, and the answer that it shows is the service's."""

import json
import shlex
import socket
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.threads import serve_app
from tests.commands import run_command, run_shell
from tests.pages import copy_application, find_blocks, find_commands, read_page

PAGE = read_page("docs/quick-start.md")
SHOWN_URL = "http://127.0.0.1:5000"
CUT = "…"
"""What the page shows in the place of a digest and of an id."""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_application(tmp_path_factory.mktemp("application"))


def test_the_shown_request_gets_the_shown_answer() -> None:
    [curl] = [block for block in find_blocks(PAGE, "sh") if block.startswith("curl")]
    with serve_app(create_app(Settings(rate_limit=None))) as url:
        answer = json.loads(run_shell(curl.replace(SHOWN_URL, url)))
    answer["model"]["digest"] = answer["request_id"] = CUT
    [shown] = find_blocks(PAGE, "json")
    assert answer == json.loads(shown)


def test_the_figures_that_the_page_explains_are_those_of_the_answer() -> None:
    [shown] = map(json.loads, find_blocks(PAGE, "json"))
    answered = dict(zip(shown["forecast"]["columns"], shown["forecast"]["data"][0], strict=True))
    explained = PAGE.partition("Read it like this:")[2].partition("\n\n`")[0]
    for name in ("close", "close_pred", "close_lo-80", "close_hi-80"):
        assert f"{answered[name]:.2f}" in explained


def test_the_pages_that_it_links_to_are_served() -> None:
    client: FlaskClient = create_app(Settings(rate_limit=None)).test_client()
    for path in ("/", "/v1/models/msft/report"):
        assert f"]({SHOWN_URL}{path.rstrip('/')})" in PAGE
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200


def test_the_commands_train_serve_and_prove_a_model_of_ones_own(application: Path) -> None:
    newest, default, train, evaluate, serve, own = find_commands(PAGE)
    for command in (newest, train, evaluate):
        run_command(*command, folder=application).check_output()
    assert (application / "report.html").is_file()
    assert serve == ["serve", "models/mine"]
    assert default == own[: len(default)]  # which the tests of the README run
    with serve_app(create_app(Settings(models=(application / serve[1],)))) as url:
        arguments = [url if argument == SHOWN_URL else argument for argument in own]
        run_command(*arguments, "--only", "batch", folder=application).check_output()


def test_the_make_targets_of_the_page_exist() -> None:
    commands = {"make run": "PORT=5000", "make run PORT=5001": "PORT=5001"}
    for command, port in commands.items():
        assert command in PAGE
        assert port in run_shell(command.replace("make", "make --dry-run"))


@pytest.mark.parametrize("makefile", ["Makefile", "lockstep/scaffold/files/Makefile"])
def test_make_run_names_the_command_with_another_port_if_its_own_is_taken(makefile: str) -> None:
    binaries = shlex.quote(str(Path(sys.executable).parent))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        # make prints the folder that it enters if another make, such as `make test`, calls it
        options = "--dry-run --no-print-directory --old-file .venv/.local --old-file .venv/.installed"
        recipe = run_shell(f"make -f {makefile} {options} run PORT={port} BIN={binaries}").splitlines()
        assert "gunicorn" in recipe[1]
        refused = f"Error: cannot listen at 127.0.0.1:{port}: Address already in use. Choose another port: "
        said = run_shell(f"{recipe[0]} 2>&1 || echo ended with $?").splitlines()
        assert said == [f"{refused}make run PORT={port + 1}", "ended with 1"]
    run_shell(recipe[0])
