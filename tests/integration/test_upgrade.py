"""A checkout of the first version, upgraded by the commands of docs/upgrade.md alone, gives the same answers."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lockstep.scoring.keys import new_key
from qa.bench.baseline import COMMIT
from qa.bench.cases import make_cases
from qa.servers import ROOT, App, Server, run_server
from qa.service import make_service
from tests.commands import run_command

PAGE = (ROOT / "docs" / "upgrade.md").read_text()
OLD_SERVICE = ("-m", "gunicorn", "-c", "backend/gunicorn.conf.py", "backend.wsgi:app")
ROWS = (1, 7, 961)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the first version, as somebody has them who never touched them since."""
    folder = tmp_path_factory.mktemp("old")
    archive = subprocess.run(["git", "archive", COMMIT], cwd=ROOT, capture_output=True, check=False)  # noqa: S607
    assert archive.returncode == 0, f"{archive.stderr.decode()}: this test needs the history; git fetch --unshallow"
    subprocess.run(["tar", "-x"], cwd=folder, input=archive.stdout, check=True)  # noqa: S607
    return folder


@pytest.fixture(scope="module")
def application(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands of the page make of it."""
    folder = tmp_path_factory.mktemp("new")
    commands = [block for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S) if "127.0.0.1" not in block]
    *setting_up, serving = commands
    assert serving == "LOCKSTEP_MODELS=models/mine lockstep serve\n"
    script = "".join(setting_up).replace("OLD/", f"{old}/")
    lockstep = f'lockstep() {{ "{sys.executable}" -P -m lockstep "$@"; }}\n'
    shell = ["/bin/bash", "-ec", lockstep + script]
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "forecasts"


@pytest.fixture(scope="module")
def key() -> tuple[str, str]:
    secret, stored = new_key("me")
    return secret, stored.entry


@pytest.fixture(scope="module")
def services(old: Path, application: Path, key: tuple[str, str]) -> Iterator[tuple[Server, Server]]:
    """The old service with its settings, and the new one with the same settings, renamed as the page says."""
    settings = {"LOCKSTEP_BUNDLES": "models/msft", "LOCKSTEP_API_KEYS": key[1], "LOCKSTEP_MAX_ROWS": "2000"}
    renamed = dict(re.findall(r"^\| `(LOCKSTEP_\w+)` \| `(LOCKSTEP_\w+)` \|$", PAGE, re.M))
    translated = {renamed.get(name, name): value for name, value in settings.items()}
    first = App("the first version", (sys.executable, *OLD_SERVICE), settings, old)
    today = make_service(environ={**translated, "LOCKSTEP_MODELS": "models/mine"})
    with run_server(first) as before, run_server(App(today.name, today.command, today.environ, application)) as after:
        yield before, after


def post(server: Server, path: str, body: bytes, key: str) -> tuple[int, Any]:
    status, answer = server.ask("POST", path, body, {"x-api-key": key})
    return status, json.loads(answer)


@pytest.mark.parametrize("rows", ROWS)
def test_both_routes_answer_the_same_bits(services: tuple[Server, Server], key: tuple[str, str], rows: int) -> None:
    [case] = make_cases([rows])
    plain = [post(server, "/forecast", case.body, key[0]) for server in services]
    assert plain[0] == plain[1] == (200, json.loads(case.answer))
    asked = {"dataframe_split": json.loads(case.body), "symbol": "MSFT", "trace": "values"}
    (_, before), (_, after) = (post(server, "/v1/forecast", json.dumps(asked).encode(), key[0]) for server in services)
    for member in ("forecast", "warnings", "trace"):
        assert after[member] == before[member]
    assert {name: after["model"][name] for name in ("symbol", "lookback_bars", "newest_stored_bar")} == {
        name: before["model"][name] for name in ("symbol", "lookback_bars", "newest_stored_bar")
    }


@pytest.mark.parametrize("path", ["/forecast", "/v1/forecast"])
@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"columns": [], "data": []}', b'{"columns": ["date"], "data": [["2099-01-02"]]}']
)
def test_refusals_keep_their_status_and_detail(
    services: tuple[Server, Server], key: tuple[str, str], path: str, body: bytes
) -> None:
    (status, before), (status_now, after) = (post(server, path, body, key[0]) for server in services)
    assert (status_now, after["detail"]) == (status, before["detail"])


def test_the_upgraded_bundle_keeps_pickles_and_bars(old: Path, application: Path) -> None:
    for name in ("scaler.pkl", "model.pkl", "bars.csv"):
        kept = (application / "models" / "mine" / "1" / name).read_bytes()
        assert kept == (old / "models" / "msft" / name).read_bytes()


def test_the_parity_command_of_the_page_proves_it(
    services: tuple[Server, Server], application: Path, key: tuple[str, str]
) -> None:
    [command] = re.findall(r"^lockstep (parity .*)$", PAGE, re.M)
    arguments = command.replace("http://127.0.0.1:5000", services[1].url).split()
    done = run_command(*arguments, folder=application, environ={"LOCKSTEP_API_KEY": key[0]})
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_old_setting_is_refused_with_its_new_name(application: Path) -> None:
    done = run_command("verify", folder=application, environ={"LOCKSTEP_BUNDLES": "models/msft"})
    assert (done.returncode, "LOCKSTEP_MODELS" in done.stderr) == (1, True)


def test_an_old_bundle_is_refused_with_the_command_that_reads_it(old: Path, tmp_path: Path) -> None:
    shutil.copytree(old / "models" / "msft", tmp_path / "msft")
    done = run_command("verify", tmp_path / "msft", folder=tmp_path)
    assert (done.returncode, "lockstep models upgrade FOLDER --out models/NAME" in done.stderr) == (1, True)
