"""Starts of uWSGI that have to fail, with the reason in the log."""

from qa.errors import RunFailed
from qa.servers import wait_until
from qa.uwsgi.service import run_uwsgi

REFUSED = {
    "without API keys": {"LOCKSTEP_HOST": "0.0.0.0"},  # noqa: S104 -- it must not be bound
    "WEB_CONCURRENCY": {"WEB_CONCURRENCY": "many"},
    "LOCKSTEP_NONSENSE": {"LOCKSTEP_NONSENSE": "1"},
    "no model in": {"LOCKSTEP_MODELS": "docs"},
}
"""What the log says of some settings."""


def refuse_to_start() -> list[str]:
    """Show that an open address without keys, a wrong setting or a missing model ends uWSGI, and that it says why."""
    return [line for said, settings in REFUSED.items() for line in _start(said, settings)]


def speak_for_a_person() -> list[str]:
    """Show that LOCKSTEP_LOG=text writes the lines of requests for a person."""
    with run_uwsgi(environ={"LOCKSTEP_LOG": "text"}) as server:
        wait_until(lambda: "route=/ready" in server.read_log(), "the log has no such line")
    return []


PROMISES = (refuse_to_start, speak_for_a_person)


def _start(said: str, settings: dict[str, str]) -> list[str]:
    try:
        with run_uwsgi(environ=settings):
            return [f"uWSGI serves with {settings}"]
    except RunFailed as error:
        return [] if "not serving: " in error.log and said in error.log else [f"{settings}: {error.log[-500:]}"]
