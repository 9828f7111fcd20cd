"""Commands that send a request again, with the suite and without it."""

import shlex
import tempfile
from collections.abc import Sequence

from lockstep.parity.posted import Posted
from lockstep.parity.subject import Subject


def write_curl(subject: Subject, posted: Posted, *, in_line: bool) -> str:
    """Return a command that posts the rows and asks for the values of all stages, with the body in line or a file.

    The key and the login are taken from variables of the shell. A body that cannot be printed is in a file.
    """
    body = subject.write_body(posted.rows, posted.history, "values", posted.sent.levels)
    if in_line and body.decode().isprintable():
        return _format(subject, shlex.quote(body.decode()))
    with tempfile.NamedTemporaryFile(prefix="lockstep-parity-", suffix=".json", delete=False) as file:
        file.write(body)
    return _format(subject, f"@{shlex.quote(file.name)}")


def write_again(subject: Subject, requests: Sequence[str]) -> str:
    """Return the command that sends the first of some requests of a run again; empty if there is none."""
    if not requests:
        return ""
    chosen = ("lockstep", "parity", subject.client.url, *subject.scope.options)
    return shlex.join([*chosen, "--seed", str(subject.seed), "--only", requests[0]])


def describe_again(route: str, again: str) -> list[str]:
    """Return the lines that lead to a request in which something was found: where it was posted, and the command."""
    where = [f"first in the answer to POST {route}"] if route else []
    return [*where, again] if again else where


def _format(subject: Subject, data: str) -> str:
    client = subject.client
    key = ' -H "x-api-key: $LOCKSTEP_API_KEY"' if client.api_key else ""
    login = ' -u "$USER_AND_PASSWORD"' if client.needs_login else ""
    url = shlex.quote(f"{client.url}{subject.route}")
    return f"curl -s {url} -H 'Content-Type: application/json'{key}{login} -d {data}"
