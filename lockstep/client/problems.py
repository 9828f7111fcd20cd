"""What the service answers in place of a forecast, as an error that says what to do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from lockstep.client.errors import (
    Busy,
    ClientError,
    KeyRefused,
    NotLockstep,
    NotServed,
    Refused,
    RowError,
    RowsRefused,
    ServiceFailed,
    TooLarge,
)
from lockstep.client.frames import label_rows

BY_CODE: Mapping[str, type[Refused]] = {"unknown-symbol": NotServed, "unproven-series": ServiceFailed}
BY_STATUS: Mapping[int, type[Refused]] = {
    401: KeyRefused,
    403: KeyRefused,
    404: NotServed,
    409: NotServed,
    413: TooLarge,
    422: RowsRefused,
    429: Busy,
    500: ServiceFailed,
    502: ServiceFailed,
    503: Busy,
    504: ServiceFailed,
}
REDIRECTS = range(300, 400)
TITLE = re.compile(rb"<title[^>]*>\s*(.{0,80}?)\s*</title", re.IGNORECASE | re.DOTALL)
MISSING = "its look-back has sessions without a bar"


@dataclass(frozen=True)
class Reply:
    """What came back; `headers` are by name in any case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Cell(msgspec.Struct):
    """What a problem says of one cell."""

    row: int | None
    column: str
    reason: str


class Problem(msgspec.Struct):
    """What the client reads of a problem."""

    status: int
    code: str
    title: str
    detail: str
    problems: list[Cell] = []
    rows: list[int] = []
    total_rows: int = 0
    total: int = 0


def read_refusal(reply: Reply, labels: Sequence[str], tried: str = "") -> ClientError:
    """Return the error that an answer without success means; `labels` name the posted rows."""
    try:
        problem, body = msgspec.json.decode(reply.body, type=Problem), msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return NotLockstep(describe_stranger(reply))
    kind = BY_CODE.get(problem.code) or BY_STATUS.get(problem.status, Refused)
    errors = label_rows(list_rows(problem), labels)
    request_id = body.get("request_id")
    known = [tried, f"request {request_id}" if request_id else ""]
    beside = f" ({'; '.join(each for each in known if each)})" if any(known) else ""
    told = problem.title if problem.problems else problem.detail  # the detail repeats the first of them
    first = f"{problem.status} {problem.code}: {told}{_name_remedy(reply, problem)}{beside}"
    total = problem.total if problem.problems else problem.total_rows
    return kind(first, errors=errors, total=total, problem=body)


def list_rows(problem: Problem) -> list[RowError]:
    """Return what a problem says of rows."""
    if problem.rows and not problem.problems:
        return [RowError(row, "date", MISSING) for row in problem.rows]
    return [RowError(each.row, each.column, each.reason) for each in problem.problems]


def _name_remedy(reply: Reply, problem: Problem) -> str:
    if problem.code == "unauthorized":
        return ". The key is the second argument: Client(url, key)"
    if problem.code == "not-found":
        return f". {reply.url} was asked; give the client the address of the service alone, without a route"
    return ""


def describe_stranger(reply: Reply) -> str:
    """Return what something else than a Lockstep service has answered, as far as that helps to find it."""
    if reply.status in REDIRECTS and (target := reply.headers.get("location")):
        return f"{reply.url} leads to {target[:200]!r} ({reply.status}): give the client the address that answers"
    title = TITLE.search(reply.body)
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip()
    parts = [
        f"status {reply.status}",
        media_type or "no content type",
        f"title {title[1].decode(errors='replace')!r}" if title else "",
        f"server {reply.headers['server'][:80]!r}" if "server" in reply.headers else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"{reply.url} was not answered by a Lockstep service, but by a proxy or another program: {told}"


def decode_answer(reply: Reply, form: Any) -> Any:
    """Return the body of a success as a type; raise `NotLockstep` if it has another form."""
    try:
        return msgspec.json.decode(reply.body, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        is_json = "json" in reply.headers.get("content-type", "")
        reason = f"{reply.url} answered JSON of another form: {error}" if is_json else describe_stranger(reply)
        raise NotLockstep(reason) from error
