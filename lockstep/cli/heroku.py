"""The Heroku CLI: what it tells of an app, and commands that are printed before they run."""

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import click
import msgspec

Told = TypeVar("Told")

STACK = "container"
INSTALL_URL = "https://devcenter.heroku.com/articles/heroku-cli"


class Refused(click.ClickException):
    """Why the app was left as it is, and what to do about it."""

    exit_code = 5


@dataclass(frozen=True)
class RunningApp:
    """The address of an app, its current release such as `v12`, and its LOCKSTEP_ALIASES.

    The release is None if the CLI names none.
    """

    url: str
    release: str | None
    aliases: str = ""


class _Stack(msgspec.Struct):
    name: str


class _App(msgspec.Struct):
    web_url: str
    build_stack: _Stack


class _Info(msgspec.Struct):
    app: _App


class _Release(msgspec.Struct):
    version: int
    current: bool = False


def info_command(app: str) -> list[str]:
    """Return the command that tells an app's stack and address."""
    return ["heroku", "apps:info", "-a", app, "--json"]


def releases_command(app: str) -> list[str]:
    """Return the command that tells an app's releases, and which is the current one."""
    return ["heroku", "releases", "-a", app, "--json"]


def aliases_command(app: str) -> list[str]:
    """Return the command that prints the aliases in an app's configuration."""
    return ["heroku", "config:get", "LOCKSTEP_ALIASES", "-a", app]


def read_app(app: str) -> RunningApp:
    """Return what the Heroku CLI tells of an app; raise `Refused` where it cannot, or the stack builds no image."""
    if shutil.which("heroku") is None:
        raise Refused(f"no `heroku` on PATH: install the Heroku CLI ({INSTALL_URL}), then `heroku login`")
    # not `stack`: that one follows `heroku stack:set` only with the next release
    described = _ask(info_command(app), _Info).app
    if described.build_stack.name != STACK:
        raise Refused(
            f"{app} builds for the stack {described.build_stack.name}, not {STACK}; "
            f"run: heroku stack:set {STACK} -a {app}"
        )
    releases = _ask(releases_command(app), list[_Release])
    current = next((f"v{each.version}" for each in releases if each.current), None)
    return RunningApp(described.web_url.rstrip("/"), current, _call(aliases_command(app)).strip())


def show(command: Sequence[str]) -> None:
    """Print a command as a shell would take it."""
    click.echo(f"$ {shlex.join(command)}")


def run(command: Sequence[str], capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Print a command, run it, and return how it ended; its `stdout` only with `capture`."""
    show(command)
    stdout = subprocess.PIPE if capture else None
    return subprocess.run(command, check=False, stdout=stdout, text=True)  # noqa: S603 -- a list, no shell


def _ask(command: Sequence[str], kind: type[Told]) -> Told:
    try:
        return msgspec.json.decode(_call(command), type=kind)
    except msgspec.DecodeError as error:
        name = f"`heroku {command[1]}`"
        raise Refused(f"{name} printed what the Heroku CLI 11 does not: {error}; nothing was pushed") from error


def _call(command: Sequence[str]) -> str:
    ended = run(command, capture=True)
    name = f"`heroku {command[1]}`"
    if ended.returncode:
        raise Refused(
            f"{name} exited with {ended.returncode}; nothing was pushed. "
            "Is that the app's name, and are you logged in (`heroku login`, or HEROKU_API_KEY in a CI)?"
        )
    return ended.stdout
