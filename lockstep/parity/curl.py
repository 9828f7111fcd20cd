"""Commands that send a request again, with the suite and without it."""

import shlex
import tempfile
from collections.abc import Sequence

from lockstep.parity.posted import Posted
from lockstep.parity.subject import Subject


def write_curl(subject: Subject, posted: Posted, *, in_line: bool) -> str:
    """Return a command that posts the rows and asks for the values of all stages, with the body in line or a file."""
    body = subject.write_body(posted.rows, posted.history, "values")
    if in_line:
        return _format(subject, shlex.quote(body.decode()))
    with tempfile.NamedTemporaryFile(prefix="lockstep-parity-", suffix=".json", delete=False) as file:
        file.write(body)
    return _format(subject, f"@{shlex.quote(file.name)}")


def write_again(subject: Subject, requests: Sequence[str]) -> str:
    """Return the command that sends the first of some requests of a run again; empty if there is none."""
    if not requests:
        return ""
    chosen = ("lockstep", "parity", subject.client.url, *subject.asked.options)
    return shlex.join([*chosen, "--seed", str(subject.seed), "--only", requests[0]])


def _format(subject: Subject, data: str) -> str:
    key = ' -H "x-api-key: $LOCKSTEP_API_KEY"' if subject.client.api_key else ""
    return f"curl -s {subject.client.url}{subject.route} -H 'Content-Type: application/json'{key} -d {data}"
