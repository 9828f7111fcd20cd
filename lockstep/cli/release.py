"""One release of a bundle: its commands, the wait until it answers, the proof, and the way back.

Between `container:release` and a proof there are two ways out only: proven, or rolled back.
"""

import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from lockstep.cli.heroku import Refused, RunningApp, run
from lockstep.errors import LockstepError
from lockstep.parity.client import Patience, ServiceClient

NOT_UP, NOT_ROLLED_BACK = 6, 7
POLL_S = 1.0
POLL_TIMEOUT_S = 10
DIGEST_SHOWN = 12


class NotProven(LockstepError):
    """Why a release must not stay, with the exit code for it."""

    def __init__(self, reason: str, exit_code: int = NOT_UP) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Release:
    """What is released: the bundle by folder and digest, and the commit where there is one."""

    app: str
    bundle: Path
    digest: str
    commit: str | None

    @property
    def push_command(self) -> list[str]:
        """Return the command that builds and pushes the image of Dockerfile.web."""
        argument = ["--arg", f"LOCKSTEP_COMMIT={self.commit}"] if self.commit else []
        return ["heroku", "container:push", "web", "--recursive", *argument, "-a", self.app]

    @property
    def release_command(self) -> list[str]:
        """Return the command that makes the pushed image run."""
        return ["heroku", "container:release", "web", "-a", self.app]

    def parity_command(self, url: str) -> list[str]:
        """Return the command that proves the service at `url`; its key comes from the environment."""
        return [sys.executable, "-m", "lockstep", "parity", url, "--bundle", str(self.bundle)]

    def rollback_command(self, to: str | None) -> list[str]:
        """Return the command that brings back the release `to`.

        It is named because without a name the CLI takes the last but one, which is the wrong one where
        `container:release` failed before it made any.
        """
        return ["heroku", "rollback", *([to] if to else []), "-a", self.app]

    @property
    def described(self) -> str:
        """Return what `/version` has to tell of it, in words."""
        return _describe([self.digest], self.commit)


def release_and_prove(release: Release, before: RunningApp, wait_s: int) -> int:
    """Push, release, wait and prove; return 0, or the exit code of the fault after rolling back.

    Raises `Refused` where the push failed, which leaves the app as it is.
    """
    if code := run(release.push_command).returncode:
        raise Refused(
            f"`heroku container:push` exited with {code}; nothing was released. "
            "Is Docker running, and has `heroku container:login` been called?"
        )
    for number in (signal.SIGTERM, signal.SIGHUP):  # as a cancelled CI job is ended
        signal.signal(number, signal.default_int_handler)
    try:
        if code := run(release.release_command).returncode:
            raise NotProven(f"`heroku container:release` exited with {code}")
        wait_until_up(release, before.url, wait_s)
        if code := run(release.parity_command(before.url)).returncode:
            raise NotProven(f"`lockstep parity` exited with {code}", code if code > 0 else NOT_UP)
    except NotProven as fault:
        return _roll_back(release, before.release, fault)
    except KeyboardInterrupt:
        return _roll_back(release, before.release, NotProven("interrupted before it was proven"))
    except Exception as error:  # whatever it was: what is not proven must not stay
        return _roll_back(release, before.release, NotProven(f"{type(error).__name__}: {error}"))
    click.secho(f"PROVEN: {before.url} runs {release.described}", fg="green")
    return 0


def wait_until_up(release: Release, url: str, wait_s: int) -> None:
    """Return once `/version` tells of the release's digest and commit; raise `NotProven` after `wait_s` seconds."""
    click.echo(f"waiting up to {wait_s} s until {url}/version tells of {release.described}")
    client = ServiceClient(url, patience=Patience(1, POLL_TIMEOUT_S))
    started, seen = time.monotonic(), ""
    while True:
        up, told = _ask_version(release, client)
        waited_s = time.monotonic() - started
        if told != seen:
            click.echo(f"  after {waited_s:.0f} s: {told}")
        if up:
            return
        if waited_s >= wait_s:
            raise NotProven(f"not up after {wait_s} s, but: {told} (`heroku logs -a {release.app}` may tell why)")
        seen = told
        time.sleep(min(POLL_S, wait_s - waited_s))


def _ask_version(release: Release, client: ServiceClient) -> tuple[bool, str]:
    try:
        version = client.get_version()
    except (LockstepError, OSError) as error:  # all are usual while dynos are replaced
        return False, str(error)
    digests = [model.digest for model in version.models]
    up = release.digest in digests and release.commit in (None, version.commit)
    return up, _describe(digests, version.commit)


def _describe(digests: list[str], commit: str | None) -> str:
    shown = ", ".join(digest[:DIGEST_SHOWN] for digest in digests)
    return f"digest {shown}" + (f", commit {commit}" if commit else "")


def _roll_back(release: Release, to: str | None, fault: NotProven) -> int:
    click.secho(f"NOT PROVEN: {fault}. Rolling back.", fg="red", err=True)
    if code := run(release.rollback_command(to)).returncode:
        click.secho(
            f"NOT ROLLED BACK: `heroku rollback` exited with {code}, and {release.app} may run what is not proven. "
            f"A first release has nothing to go back to. `heroku maintenance:on -a {release.app}` takes the app off "
            f"the air, `heroku releases -a {release.app}` lists what it can go back to.",
            fg="red", err=True,
        )  # fmt: skip
        return NOT_ROLLED_BACK
    click.secho(f"ROLLED BACK: {release.app} runs {to or 'the release before'} again: {fault}.", fg="red", err=True)
    return fault.exit_code
