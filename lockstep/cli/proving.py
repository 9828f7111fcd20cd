"""From the push to the proof.

Between `container:release` and a proof there are two ways out only: proven, or rolled back.
"""

from lockstep.cli.heroku import Refused, RunningApp, run
from lockstep.cli.interrupts import ignore_interrupts
from lockstep.cli.release import NOT_UP, NotProven, Release
from lockstep.cli.rollback import roll_back, say
from lockstep.cli.waiting import wait_until_up


def release_and_prove(release: Release, before: RunningApp, wait_s: int) -> int:
    """Push, release, wait and prove; return 0, or the exit code of the fault after rolling back.

    Raises `Refused` if the push failed. A KeyboardInterrupt leaves it only before the release: after it the first
    signal rolls back, and none stops that.
    """
    if code := run(release.push_command).returncode:
        raise Refused(
            f"`heroku container:push` exited with {code}; nothing was released. "
            "Is Docker running, and has `heroku container:login` been called?"
        )
    fault = _find_fault(release, before, wait_s)
    if fault:
        return roll_back(release, before.release, fault)
    say(f"PROVEN: {before.url} runs {release.described}", colour="green", err=False)
    return 0


def _find_fault(release: Release, before: RunningApp, wait_s: int) -> NotProven | None:
    """Release, wait and prove; return why the release must not stay, None if it may. Signals do nothing after it."""
    try:
        try:
            _prove(release, before.url, wait_s)
        finally:
            ignore_interrupts()
    except NotProven as fault:
        return fault
    except KeyboardInterrupt:
        return NotProven("interrupted before it was proven")
    except Exception as error:  # whatever it was: what is not proven must not stay
        return NotProven(f"{type(error).__name__}: {error}")
    return None


def _prove(release: Release, url: str, wait_s: int) -> None:
    if code := run(release.release_command).returncode:
        raise NotProven(f"`heroku container:release` exited with {code}")
    wait_until_up(release, url, wait_s)
    if code := run(release.parity_command(url)).returncode:
        raise NotProven(f"`lockstep parity` exited with {code}", code if code > 0 else NOT_UP)
