"""The commands of examples/compose/README.md in an application of their own, with this machine's nginx for Docker's."""

import json
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import yaml

from lockstep.parity.doors.listed import PROTOCOLS
from qa.default_bundle import DEFAULT_MODEL
from qa.dist.steps import run
from qa.errors import RunFailed
from qa.nginx.asking import ask
from qa.nginx.examples import COMPOSE_FILE, read_compose_example, run_example
from qa.nginx.suite import make_behind
from qa.nginx.tools import COMPOSE
from qa.servers import ROOT, Server, find_free_port, run_server

PAGE = COMPOSE_FILE.parent / "README.md"
ADDRESS = "http://127.0.0.1:8080"
OWN, SETTING, DOCKER, CURL, PARITY = ".venv/bin/", "export ", "docker compose ", "curl -s ", "LOCKSTEP_API_KEY=KEY "
"""How the commands begin."""


def follow_the_readme() -> list[str]:
    """Show that the README of examples/compose leads to a prediction, and the suite passes there by every door."""
    commands, compose = read_commands(), COMPOSE.find()
    with tempfile.TemporaryDirectory() as name:
        folder = make_application(Path(name))
        for command in commands[DOCKER]:  # with --help nothing is started, but an option that is none is refused
            run([compose, *shlex.split(command.removeprefix(DOCKER)), "--help"], folder)
        printed = [run([*shlex.split(command)], folder) for command in commands[OWN]]
        [(key, entry)] = re.findall(r"^key +(\S+)\nentry +(\S+)$", printed[-1], re.MULTILINE)
        with (
            run_server(make_behind(folder / "models" / "iris", entry)) as service,
            run_example(read_compose_example(), service.port) as proxy,
        ):
            _probe(service.port)
            [parity] = [shlex.split(line.removeprefix(PARITY)) for line in commands[PARITY]]
            words = [word.replace(ADDRESS, proxy.url) for word in parity]
            for options in ([], *(["--door", name] for name in PROTOCOLS)):
                run([*words, *options], folder, LOCKSTEP_API_KEY=key)
            return [line for command in commands[CURL] for line in _ask(proxy, command, key)]


def read_commands() -> dict[str, list[str]]:
    """Return the page's commands by how they begin; raise `RunFailed` for one that begins otherwise."""
    commands: dict[str, list[str]] = {kind: [] for kind in (OWN, SETTING, DOCKER, CURL, PARITY)}
    for line in "".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)).splitlines():
        kinds = [kind for kind in commands if line.startswith(kind)]
        if not kinds:
            raise RunFailed(f"{PAGE.relative_to(ROOT)} shows a command that is not tried: {line}")
        commands[kinds[0]].append(line)
    return commands


def make_application(folder: Path) -> Path:
    """Return a folder in which the commands run: the application, with models of its own."""
    for name in (".venv", "examples"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "lockstep.toml", folder)
    shutil.copytree(DEFAULT_MODEL, folder / "models" / "msft")
    return folder


def _ask(proxy: Server, command: str, key: str) -> list[str]:
    """Return what is wrong with the answer to a command of curl; the page shows the right one."""
    [shown] = re.findall(r"```json\n(.*?)\n```", PAGE.read_text(), re.DOTALL)
    url, *options = [word.replace("KEY", key) for word in shlex.split(command.removeprefix(CURL))]
    headers = dict(re.split(": *", value, maxsplit=1) for name, value in _pair(options) if name == "-H")
    [body] = [value for name, value in _pair(options) if name == "-d"]
    route = "POST", url.removeprefix(ADDRESS)
    records = json.loads(body)
    status, answer = ask(proxy.port, route, body.encode(), headers)
    broken = [f"{url} answers {status} {answer.decode()}"] if (status, answer.decode()) != (200, shown) else []
    del records[0]["petal_width"]
    status, answer = ask(proxy.port, route, json.dumps(records).encode(), headers)
    problems = json.loads(answer).get("problems")
    if status != 422 or [(each["row"], each["column"]) for each in problems] != [(0, "petal_width")]:
        broken.append(f"a record without petal_width is answered {status} {answer.decode()}")
    return broken


def _probe(port: int) -> None:
    """Run the health check of the compose file on the service, and where nothing listens; raise `RunFailed`."""
    [_, *words] = yaml.safe_load(COMPOSE_FILE.read_text())["services"]["app"]["healthcheck"]["test"]
    for there, expected in ((port, 0), (find_free_port(), 1)):
        command = [sys.executable, *(word.replace(":5000/", f":{there}/") for word in words[1:])]
        run([*command], ROOT, expected)


def _pair(options: list[str]) -> list[tuple[str, str]]:
    return list(zip(options[::2], options[1::2], strict=True))
