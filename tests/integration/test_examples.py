"""The example workflow, and that of a created application, are well-formed and call only what exists."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from lockstep.cli.main import group
from lockstep.scaffold.writing import FILES, write_application
from tests.conftest import ROOT

WORKFLOW = ROOT / "examples" / "ci" / "github-parity.yml"
OF_AN_APPLICATION = FILES / "ci.yml"
OPERATORS = re.compile(r"[|&;<>()]+")


def read_steps(text: str) -> list[dict[str, Any]]:
    return [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]


def find_commands(script: str, program: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of the program, up to the shell's next operator."""
    lexer = shlex.shlex(script.replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    for place, word in enumerate(words):
        if word == program:
            rest = words[place + 1 :]
            end = next((at for at, each in enumerate(rest) if OPERATORS.fullmatch(each)), len(rest))
            yield rest[:end]


def resolve(arguments: list[str]) -> click.Context:
    """Return the context in which `lockstep` would run; raise UsageError for what it does not know."""
    command: click.Command = group
    rest = arguments
    while isinstance(command, click.Group):
        _, found, rest = command.resolve_command(click.Context(command), rest)
        assert found is not None
        command = found
    return command.make_context(command.name, list(rest))


def test_every_lockstep_command_of_the_workflow_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    scripts = [step["run"] for step in read_steps(WORKFLOW.read_text()) if "run" in step]
    called = [resolve(arguments) for script in scripts for arguments in find_commands(script, ".venv/bin/lockstep")]
    assert [context.info_name for context in called] == ["new", "parity", "parity"]
    assert sum(script.count("lockstep ") for script in scripts) == len(called)
    assert [context.params["urls"] for context in called[1:]] == [("http://127.0.0.1:5000",), ("$SERVICE_URL",)]


def test_every_make_target_of_the_workflow_exists() -> None:
    scripts = [step["run"] for step in read_steps(WORKFLOW.read_text()) if "run" in step]
    targets = [arguments for script in scripts for arguments in find_commands(script, "make")]
    assert len(targets) == 2
    for arguments in targets:
        command = ["make", "--dry-run", *arguments]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)


def test_every_make_target_of_a_created_application_exists_there(tmp_path: Path) -> None:
    write_application(tmp_path)
    written = tmp_path / ".github" / "workflows" / "ci.yml"
    scripts = [step["run"] for step in read_steps(written.read_text()) if "run" in step]
    targets = [arguments for script in scripts for arguments in find_commands(script, "make")]
    shown = re.findall(r"^    make ([a-z]+)", (tmp_path / "README.md").read_text(), re.MULTILINE)
    assert (targets, shown) == ([["test"]], ["test", "run"])
    for target in ("test", "run", "deploy"):
        command = ["make", "--dry-run", target]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)


def test_make_run_runs_what_the_image_runs(tmp_path: Path) -> None:
    write_application(tmp_path)
    command = re.findall(r"gunicorn (--config \S+) .*?(\S+)$", (ROOT / "Dockerfile.web").read_text(), re.MULTILINE)
    assert command == [("--config backend/gunicorn.conf.py", "backend.wsgi:app")]
    for folder in (ROOT, tmp_path):
        [recipe] = re.findall(r"^run:.*\n(?:\t.*\n)*\t(.*)$", (folder / "Makefile").read_text(), re.MULTILINE)
        assert recipe.endswith(f"gunicorn {' '.join(command[0])}")


def test_the_image_of_a_created_application_is_built_from_a_file_that_it_has(tmp_path: Path) -> None:
    write_application(tmp_path)
    [[*arguments]] = [
        arguments
        for step in read_steps(OF_AN_APPLICATION.read_text())
        for arguments in find_commands(step.get("run", ""), "docker")
    ]
    assert (arguments[0], arguments[-1]) == ("build", ".")
    assert (tmp_path / arguments[arguments.index("--file") + 1]).is_file()


@pytest.mark.parametrize("workflow", [WORKFLOW, OF_AN_APPLICATION], ids=lambda path: path.name)
def test_the_workflow_uses_the_actions_of_our_own_where_it_has_them(workflow: Path) -> None:
    ours = {
        step["uses"] for step in read_steps((ROOT / ".github" / "workflows" / "ci.yml").read_text()) if "uses" in step
    }
    used = {step["uses"] for step in read_steps(workflow.read_text()) if "uses" in step}
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in used)
    assert used - {"actions/upload-artifact@v4"} == ours


def test_the_key_of_the_app_is_a_secret_in_the_environment_alone() -> None:
    [step] = [step for step in read_steps(WORKFLOW.read_text()) if "secrets." in str(step)]
    assert step["env"]["LOCKSTEP_API_KEY"] == "${{ secrets.LOCKSTEP_API_KEY }}"
    assert "${{" not in step["run"]


@pytest.mark.parametrize("script", ["lockstep parity URL --jason", "lockstep prove URL", "lockstep keys old ci"])
def test_a_command_that_does_not_exist_is_noticed(script: str) -> None:
    [arguments] = find_commands(f"true && {script} > out; false", "lockstep")
    with pytest.raises(click.UsageError):
        resolve(arguments)
