"""The Heroku CLI: what it tells of an app, and commands that are printed before they run."""

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import click
import msgspec

from lockstep.parity.address import BadAddress, parse_address
from lockstep.parity.quoting import quote_text

Told = TypeVar("Told")

STACK = "container"
INSTALL_URL = "https://devcenter.heroku.com/articles/heroku-cli"


class Refused(click.ClickException):
    """Why the app was left as it is, and what to do about it."""

    exit_code = 5


@dataclass(frozen=True)
class RunningApp:
    """The address of an app, its current release such as `v12`, and its LOCKSTEP_ALIASES."""

    url: str
    release: str
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
    """Return what the Heroku CLI tells of an app.

    Raises `Refused` if it cannot, if the stack builds no image, or if there is no address to wait for or no release
    to go back to: after the push it is too late to find that out.
    """
    if shutil.which("heroku") is None:
        raise Refused(f"no `heroku` on PATH: install the Heroku CLI ({INSTALL_URL}), then `heroku login`")
    # not `stack`: that one follows `heroku stack:set` only with the next release
    described = _ask(info_command(app), _Info).app
    if described.build_stack.name != STACK:
        raise Refused(
            f"{app} builds for the stack {quote_text(described.build_stack.name)}, not {STACK}; "
            f"run: heroku stack:set {STACK} -a {app}"
        )
    url = _read_url(app, described.web_url)
    return RunningApp(url, _read_current(app), _call(aliases_command(app)).strip())


def _read_url(app: str, web_url: str) -> str:
    try:
        address = parse_address(web_url)
    except BadAddress as error:
        raise Refused(
            f"`heroku apps:info` names an address of {app} that cannot be asked: {error}; nothing was pushed. "
            f"Look at web_url in: heroku apps:info -a {app} --json"
        ) from error
    if address.login:
        raise Refused(f"the address of {app} holds a password; nothing was pushed. See: heroku apps:info -a {app}")
    return address.url


def _read_current(app: str) -> str:
    current = [release.version for release in _ask(releases_command(app), list[_Release]) if release.current]
    if not current:
        raise Refused(
            f"{app} has no current release, so there would be none to go back to; nothing was pushed. "
            f"Make one, then try again: heroku config:set LOCKSTEP_TRUSTED_PROXIES=1 -a {app}"
        )
    return f"v{current[0]}"


def show(command: Sequence[str]) -> None:
    """Print a command as a shell would take it."""
    click.echo(f"$ {shlex.join(command)}")


def run(command: Sequence[str], capture: bool = False) -> subprocess.CompletedProcess[bytes]:
    """Print a command, run it, and return how it ended; its `stdout` only with `capture`. An interrupt ends it."""
    show(command)
    stdout = subprocess.PIPE if capture else None
    with subprocess.Popen(command, stdout=stdout) as process:  # noqa: S603 -- a list, no shell
        try:
            printed, _ = process.communicate()
        except KeyboardInterrupt:
            process.kill()
            process.wait()  # subprocess.run leaves it behind
            raise
    return subprocess.CompletedProcess(command, process.returncode, printed)


def _ask(command: Sequence[str], kind: type[Told]) -> Told:
    try:
        return msgspec.json.decode(_call(command), type=kind)
    except msgspec.DecodeError as error:
        raise Refused(
            f"{_name(command)} printed what the Heroku CLI 11 does not: {quote_text(str(error))}; nothing was pushed. "
            "Which one is installed? Run: heroku version"
        ) from error


def _call(command: Sequence[str]) -> str:
    ended = run(command, capture=True)
    if ended.returncode:
        raise Refused(
            f"{_name(command)} exited with {ended.returncode}; nothing was pushed. "
            "Is that the app's name, and are you logged in (`heroku login`, or HEROKU_API_KEY in a CI)?"
        )
    try:
        return ended.stdout.decode()
    except UnicodeDecodeError as error:
        raise Refused(
            f"{_name(command)} printed bytes that are no UTF-8; nothing was pushed. "
            f"Look at them: {shlex.join(command)} | cat -v"
        ) from error


def _name(command: Sequence[str]) -> str:
    return f"`heroku {command[1]}`"
