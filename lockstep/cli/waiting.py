"""The wait until a service runs a release."""

import time

import click

from lockstep.cli.release import NotProven, Release, describe_version
from lockstep.errors import LockstepError
from lockstep.parity.client import Patience, ServiceClient
from lockstep.parity.quoting import quote_text

POLL_S = 1.0
POLL_TIMEOUT_S = 10.0
LAST_POLL_S = 1.0
"""How long the last answer may take, which is asked for when the wait is over."""


def wait_until_up(release: Release, url: str, wait_s: int) -> None:
    """Return once `/version` tells of the release's digest and commit; raise `NotProven` after `wait_s` seconds."""
    click.echo(f"waiting up to {wait_s} s until {url}/version tells of {release.described}")
    client = ServiceClient(url)
    started, waited_s, seen = time.monotonic(), 0.0, ""
    while True:
        client.patience = Patience(1, min(POLL_TIMEOUT_S, max(LAST_POLL_S, wait_s - waited_s)))
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
    return up, quote_text(describe_version(digests, version.commit))
