"""Every command and example that the documents show is run here."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import requests
import yaml

from lockstep.bundles.baselines import ALWAYS_NO_CHANGE
from lockstep.bundles.reading import load_series
from lockstep.bundles.scores import ReturnScores
from lockstep.bundles.series import SeriesBundle
from lockstep.cli.running import UNREACHABLE
from lockstep.doors.mlflow.answer import ERROR_CODES
from lockstep.parity.checks import CHECKS, PANEL_CHECKS, TABLE_CHECKS
from lockstep.parity.doors.listed import PROTOCOLS
from lockstep.parity.suite import Verdict
from lockstep.scoring.score import TABLES
from tests.api_tables import VARIABLES
from tests.commands import COMMAND, run_block, run_command, run_script
from tests.conftest import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_URL = "http://127.0.0.1:5000"
README, PARITY, REFERENCE, EXAMPLE, TUTORIAL, API, V1, FORECAST, PROBLEMS, MLFLOW, OIP = (
    (ROOT / page).read_text()
    for page in (
        "README.md",
        "docs/parity.md",
        "docs/parity-reference.md",
        "docs/parity-example.md",
        "examples/tutorial/README.md",
        "docs/api.md",
        "docs/api/v1.md",
        "docs/api/forecast.md",
        "docs/api/problems.md",
        "docs/api/mlflow.md",
        "docs/api/oip.md",
    )
)


def blocks(language: str, page: str = README) -> list[str]:
    return [text for found, text in BLOCK.findall(page) if found == language]


def run(command: list[str], folder: Path = ROOT) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=True).stdout


def test_the_curl_of_the_readme_gives_the_answer_of_the_readme(service_url: str) -> None:
    [curl] = [block for block in blocks("sh") if block.startswith("curl")]
    [shown] = [json.loads(block) for block in blocks("json")]
    answer = json.loads(run(["bash", "-c", curl.replace(SHOWN_URL, service_url)]))
    assert {name: answer[name] for name in shown} == shown


def test_the_python_of_the_readme_prints_the_newest_forecast(service_url: str) -> None:
    [code] = blocks("python")
    printed = run([sys.executable, "-c", code.replace(SHOWN_URL, service_url)]).splitlines()
    assert printed[0].split() == ["close", "close_pred", "close_lo-80", "close_hi-80"]
    assert printed[-1].split()[0] == "2013-03-01"


def test_the_badges_and_numbers_of_the_readme_are_those_of_the_library() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pythons = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    assert f"[![Python {', '.join(pythons)}](" in README
    assert f"Python: {' | '.join(pythons)}".lower() in (ROOT / "docs/badges/python.svg").read_text()
    assert project["license"] in (ROOT / "docs/badges/license.svg").read_text()
    assert f"asks the running service in {len(CHECKS)} ways" in README


def test_the_python_of_the_page_on_worth_prints_what_the_page_shows(service_url: str) -> None:
    section = (ROOT / "docs/forecasts.md").read_text().partition("## Intervals")[2].partition("\n## ")[0]
    [code], [printed] = blocks("python", section), blocks("text", section)
    assert run([sys.executable, "-c", code.replace(SHOWN_URL, service_url)]) == printed


def test_many_series_are_answered_as_the_api_page_shows(service_url: str) -> None:
    body, shown = (json.loads(block) for block in blocks("json", V1))
    headers = {"X-Request-Id": shown["request_id"]}
    answer = requests.post(f"{service_url}/v1/forecast", json=body, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()) == (207, shown)


def test_the_examples_of_our_own_pages_run(service_url: str) -> None:
    [curl] = [block for block in blocks("sh", V1) if block.startswith("curl")]
    answer = json.loads(run(["bash", "-c", curl.replace(SHOWN_URL, service_url)]))
    assert answer["forecast"]["data"][0][:2] == ["2013-03-04", "2013-03-05"]
    [plain], [framed] = (
        [run([sys.executable, "-c", code.replace(SHOWN_URL, service_url)]) for code in blocks("python", page)]
        for page in (FORECAST, V1)
    )
    assert len(json.loads(plain)) == 3
    *_, newest = framed.splitlines()
    assert newest.split()[0] == "2013-03-01"
    assert len(framed.splitlines()) == 13


def test_the_shown_problem_is_the_service_s(service_url: str) -> None:
    [shown] = map(json.loads, blocks("json", PROBLEMS))
    body = {"dataframe_split": {"columns": ["date"], "data": [["2013-03-04"]]}, "model": "apple"}
    headers = {"X-Request-Id": shown["request_id"]}
    answer = requests.post(f"{service_url}/v1/forecast", json=body, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()) == (shown["status"], shown)


def test_the_columns_of_an_answer_are_explained(service_url: str) -> None:
    table = V1.partition("The columns of `forecast`:")[2].partition("\n\n`")[0]
    explained = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(.*?)`", row)
    }
    bar = {
        "columns": ["date", "open", "high", "low", "close", "volume"],
        "data": [["2013-03-04", 24.66, 24.79, 24.52, 24.77, 1]],
    }
    answer = requests.post(f"{service_url}/v1/forecast", json=bar, timeout=30).json()
    assert {re.sub(r"\d+$", "<level>", name) for name in answer["forecast"]["columns"]} <= explained


def test_the_curls_of_the_page_on_mlflow_give_its_answer(service_url: str, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    curls = [block for block in blocks("sh", MLFLOW) if "curl" in block]
    posted, lines = (run(["bash", "-c", curl.replace(SHOWN_URL, service_url)], tmp_path) for curl in curls)
    assert [posted.strip()] == [answer.strip() for answer in blocks("json", MLFLOW)]
    assert len([float(line) for line in lines.splitlines()]) == 2


def test_the_command_of_the_page_on_mlflow_runs(tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(ROOT / "models")
    [command] = [block for block in blocks("sh", MLFLOW) if block.startswith(COMMAND)]
    run_command(*shlex.split(command)[1:], folder=tmp_path).check_output()
    assert (tmp_path / "exported" / "MLmodel").exists()


def test_the_curl_of_the_page_on_tensors_gives_its_answer(service_url: str) -> None:
    [curl], [answer] = blocks("sh", OIP), blocks("json", OIP)
    assert run(["bash", "-c", curl.replace(SHOWN_URL, service_url)]).strip() == answer.strip()


def test_the_lockstep_commands_of_the_readme_run(service_url: str, tmp_path: Path) -> None:
    for name in ("data", "preprocessing", "models"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "lockstep.toml", tmp_path)
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith(COMMAND)]
    assert len(lines) == 5
    for line in lines:
        arguments = shlex.split(line.replace(SHOWN_URL, service_url))[1:]
        run_command(*arguments, folder=tmp_path).check_output()
    assert (tmp_path / "evaluation.png").exists()


def test_the_commands_of_the_parity_page_run(service_url: str, tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(ROOT / "models")
    script = "".join(block for block in blocks("sh", PARITY) if not block.startswith("make"))
    assert SHOWN_URL in script
    run_block(script.replace(SHOWN_URL, service_url), tmp_path)
    assert (tmp_path / "parity.json").exists()


@pytest.mark.parametrize("page", [README, EXAMPLE, TUTORIAL, API])
def test_the_make_targets_of_the_documents_exist(page: str) -> None:
    targets = re.findall(r"^make ([\w-]+)", page, re.MULTILINE)
    assert targets
    for target in targets:
        assert run(["make", "--dry-run", target])


def test_the_targets_of_continuous_integration_exist() -> None:
    assert run(["make", "--dry-run", *called_by_continuous_integration()])


DRAWS = "terminal"
"""A target that draws a picture and tests nothing."""


def called_by_continuous_integration() -> list[str]:
    lists = re.findall(r"targets\+?=\((.*)\)", (ROOT / ".ci" / "run").read_text())
    return ["test", *(target for listed in lists for target in listed.split())]


def test_continuous_integration_calls_every_target_that_tests_and_the_page_lists_them() -> None:
    makefile = (ROOT / "Makefile").read_text()
    that_test = re.findall(r"^([\w-]+):.*\n\t\$\(BIN\)/python -m (?:pytest|qa\.\w+|tests\.\w+)", makefile, re.MULTILINE)
    called = called_by_continuous_integration()
    assert {"redis", "long", "chaos", "parity-matrix", "dist-test"} <= {*that_test} - {DRAWS} <= {*called}
    table = (ROOT / "docs" / "layout.md").read_text().partition("## The tests\n")[2].partition("\n\n`.venv")[0]
    assert {*re.findall(r"`make ([\w-]+)`", re.sub(r" \| .*", "", table))} == {*called} - {"secrets"}


def test_the_training_command_of_the_tutorial_makes_a_bundle(price_file: Path, tmp_path: Path) -> None:
    [line] = [text for block in blocks("sh", TUTORIAL) for text in block.splitlines() if "examples.tutorial" in text]
    _, option, module, *_ = shlex.split(line)
    assert option == "-m"
    script = f"{module.replace('.', '/')}.py"
    assert run_script(script, str(price_file), str(tmp_path / "tutorial")).returncode == 0
    assert load_series(tmp_path / "tutorial" / "1").manifest.test.rows == 962


def test_the_documented_checks_are_those_of_the_suite() -> None:
    documented = re.findall(r"^\| `(\w+)` \| (.*) \| (\d+) \|$", PARITY, re.MULTILINE)
    of_panels = [check for check in PANEL_CHECKS if check not in CHECKS]
    checks = (*CHECKS, *TABLE_CHECKS, *of_panels)
    assert documented == [(check.name, check.proves, str(check.floor)) for check in checks]


def test_the_documented_doors_and_their_models_are_those_of_the_suite() -> None:
    section = REFERENCE.partition("## Through a door")[2].partition("\n### ")[0]
    documented = re.findall(r"^\| `(\w+)` \| .*? \| (tables|all) \|", section, re.MULTILINE)
    assert dict(documented) == {
        name: "tables" if protocol.kinds == TABLES else "all" for name, protocol in PROTOCOLS.items()
    }


def test_the_documented_error_codes_of_mlflow_are_those_of_its_door() -> None:
    documented = re.findall(r"^\| (\d{3}) \| `(\w+)` \|$", MLFLOW, re.MULTILINE)
    assert {int(status): code for status, code in documented} == ERROR_CODES


def test_the_documented_exit_codes_are_those_of_the_verdicts_and_the_command() -> None:
    documented = re.findall(r"^\| (\d) \|", PARITY, re.MULTILINE)
    assert documented == [*(str(verdict.value) for verdict in Verdict), str(UNREACHABLE)]


def test_the_scores_of_the_readme_are_the_bundles(default_bundle: SeriesBundle) -> None:
    def row(name: str, scores: ReturnScores) -> str:
        direction = "–" if name == ALWAYS_NO_CHANGE else f"{scores.directional_accuracy:.4f}"
        return f"| {name} | {scores.mae:.6f} | {scores.mse:.8f} | {scores.r2:.4f} | {direction} |"

    for name, scores in default_bundle.manifest.scores.items():
        assert isinstance(scores, ReturnScores)
        assert row(name, scores) in README


PAGES = (
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "data/README.md", "examples/README.md",
    *(f"examples/{path.parent.name}/README.md" for path in sorted((ROOT / "examples").glob("*/README.md"))),
    *(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))),
)  # fmt: skip


def name_anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_between_documents_leads_somewhere(page: str) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", (ROOT / page).read_text()):
        linked = (ROOT / page).parent / target if target else ROOT / page
        assert linked.exists(), target
        headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE) if anchor else []
        assert not anchor or anchor in map(name_anchor, headings), anchor


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_document_ends(page: str) -> None:
    assert (ROOT / page).read_text().count("\n```") % 2 == 0


def test_the_documented_digest_of_the_prices_is_theirs(default_bundle: SeriesBundle) -> None:
    assert f"`{default_bundle.manifest.source.sha256}`" in (ROOT / "data" / "README.md").read_text()


def test_heroku_runs_the_command_of_the_image() -> None:
    """Without a `run` section Heroku runs CMD; the address is the settings' own, so CMD does not repeat it."""
    image, heroku = (ROOT / "Dockerfile.web").read_text(), yaml.safe_load((ROOT / "heroku.yml").read_text())
    assert re.findall(r"^CMD (.*)$", image, re.MULTILINE) == [
        "exec gunicorn --config backend/gunicorn.conf.py backend.wsgi:app"
    ]
    assert "LOCKSTEP_HOST=0.0.0.0" in image
    assert (heroku["release"]["image"], "run" in heroku) == ("web", False)
    assert json.loads((ROOT / "app.json").read_text())["stack"] == "container"


def test_heroku_s_router_is_the_one_trusted_proxy_wherever_the_app_is_made() -> None:
    assert json.loads((ROOT / "app.json").read_text())["env"]["LOCKSTEP_TRUSTED_PROXIES"]["value"] == "1"
    assert '    LOCKSTEP_TRUSTED_PROXIES: "1"\n' in (ROOT / "heroku.yml").read_text()
    assert "heroku config:set LOCKSTEP_TRUSTED_PROXIES=1 " in (ROOT / "docs" / "deploy.md").read_text()


def test_every_setting_of_the_deployment_page_exists() -> None:
    named = set(re.findall(r"`(LOCKSTEP_\w+)`", (ROOT / "docs" / "settings.md").read_text()))
    assert named <= VARIABLES
