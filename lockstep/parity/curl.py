"""A command that sends a request again, without the suite."""

import shlex
import tempfile

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


def _format(subject: Subject, data: str) -> str:
    key = ' -H "x-api-key: $LOCKSTEP_API_KEY"' if subject.client.api_key else ""
    return f"curl -s {subject.client.url}{subject.route} -H 'Content-Type: application/json'{key} -d {data}"
