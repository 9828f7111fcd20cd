"""The way back, which nothing may stop: no second signal, no closed terminal."""

import os
import shlex
import subprocess
import sys

import click

from lockstep.cli.release import NOT_ROLLED_BACK, NotProven, Release

ROLLBACK_S = 600.0
"""A rollback that takes longer failed: nobody can interrupt it."""


def roll_back(release: Release, to: str, fault: NotProven) -> int:
    """Bring back the release `to`; return the exit code of the fault, or 7 if the rollback did not end well.

    The caller has to ignore signals by then; see `ignore_interrupts`.
    """
    say(f"NOT PROVEN: {fault}. Rolling back.")
    if problem := _run_rollback(release.rollback_command(to)):
        say(
            f"NOT ROLLED BACK: `heroku rollback` {problem}, and {release.app} may run what is not proven. "
            f"A first release has nothing to go back to. `heroku maintenance:on -a {release.app}` takes the app off "
            f"the air, `heroku releases -a {release.app}` lists what it can go back to."
        )
        return NOT_ROLLED_BACK
    say(f"ROLLED BACK: {release.app} runs {to} again: {fault}.")
    return fault.exit_code


def _run_rollback(command: list[str]) -> str:
    """Roll back in a session of its own, which Ctrl-C does not reach; return what went wrong, empty if nothing did.

    The output passes through here: a `heroku` whose reader has gone, as in `lockstep deploy | tee`, would end early.
    """
    say(f"$ {shlex.join(command)}", colour=None, err=False)
    try:
        ended = subprocess.run(  # noqa: S603 -- a list, no shell
            command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, timeout=ROLLBACK_S,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        return f"did not end: {error}"
    say(ended.stdout.decode(errors="replace").rstrip(), colour=None)
    return f"exited with {ended.returncode}" if ended.returncode else ""


def say(text: str, colour: str | None = "red", err: bool = True) -> None:
    """Print a line if anybody reads it; a closed output must not stop a rollback, nor change the exit code."""
    try:
        click.secho(text, fg=colour, err=err)
    except OSError:
        # else Python fails to flush it when it ends, and exits with 120
        os.dup2(os.open(os.devnull, os.O_WRONLY), (sys.stderr if err else sys.stdout).fileno())
