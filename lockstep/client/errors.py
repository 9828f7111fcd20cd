"""The errors of the client, each with what a program needs to go on.

    LockstepError
    └── ClientError
        ├── NotSent              the address, the key or the frame cannot be right; no request was sent
        ├── NoAnswer             no answer came: nothing listens, it took too long, or the connection broke off
        ├── NotLockstep          something else answered: a proxy's page, another program, other rows
        ├── AnswerTooLong        an answer of more bytes than the client reads
        ├── WrongDigest          another model answered than the one that the client is for
        ├── SomeRefused          some series of a frame were not answered; `forecast` holds the others
        └── Refused              the service answered a problem: `status`, `code`, `detail`, `request_id`
            ├── KeyRefused       the key, or the address of the caller (401, 403)
            ├── NotServed        no such model, version or symbol, or one of another kind (404, 409, 422)
            ├── RowsRefused      cells or rows that cannot be right (422)
            ├── TooLarge         more than the service takes in one request (413)
            ├── Busy             too many requests (429), or none now (503), after every attempt
            └── ServiceFailed    the fault is the service's, or a proxy's (500, 502, 504)

Every `ClientError` has `errors`: what is wrong with rows, empty if no row is at fault. What a service has sent is as
it was sent in the attributes. In messages it cannot steer a terminal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lockstep.errors import LockstepError, Problem

MAX_SHOWN = 20
"""So many errors stand in a message; `errors` has all that are known."""
MAX_SHOWN_CHARACTERS = 2_000
"""So many characters of a line stand in a message: far more than any line of a Lockstep service has."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class RowError(Problem):
    """What is wrong with one cell; `row` is its place in the frame, as `iloc` counts, None if a whole column is meant.

    `label` is the row's date, or its label in the index of a table, as text.
    """

    label: str | None = None

    def __str__(self) -> str:
        named = "" if self.label is None else f" ({self.label})"
        where = "" if self.row is None else f"row {self.row}{named}, "
        return show_line(f"{where}{self.column}: {self.reason}")


class ClientError(LockstepError):
    """The root of what the client raises on purpose.

    Below the first line of the message stand `lines`, and `errors`, of which there are `total`.
    """

    # only the message is positional, and the rest has defaults: so an error can be pickled on its way out of a process
    def __init__(
        self, message: str, *, lines: Sequence[str] = (), errors: Sequence[RowError] = (), total: int = 0
    ) -> None:
        super().__init__(message)
        self.errors = tuple(errors)
        shown = [f"  {each}" for each in [*lines, *errors[:MAX_SHOWN]]]
        more = max(total, len(errors)) - min(MAX_SHOWN, len(errors))
        self._lines = (message, *shown, *([f"  and {more} more"] if more > 0 else []))

    def __str__(self) -> str:
        return "\n".join(map(show_line, self._lines))


class NotSent(ClientError):
    """An address, a key or a frame that cannot be right."""


class NoAnswer(ClientError):
    """No answer came, in how many attempts."""


class NotLockstep(ClientError):
    """An answer that is not one of a Lockstep service: of another form, or to other rows than were posted."""


class AnswerTooLong(ClientError):
    """An answer of more bytes than the client reads, as sent or unpacked."""


class WrongDigest(ClientError):
    """An answer of another model than the one whose digest the client was given, or than the page before."""


class SomeRefused(ClientError):
    """An answer without some of the series of a frame.

    `forecast` is the frame, with NaN in the rows of those; `problems` has an entry for each of them, with its `symbol`
    and its `code`.
    """

    def __init__(
        self,
        message: str,
        *,
        lines: Sequence[str] = (),
        errors: Sequence[RowError] = (),
        forecast: Any = None,
        problems: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message, lines=lines, errors=errors)
        self.forecast = forecast
        self.problems = tuple(problems)


class Refused(ClientError):
    """A problem of the service; `problem` is its whole body (RFC 9457)."""

    def __init__(
        self,
        message: str,
        *,
        errors: Sequence[RowError] = (),
        total: int = 0,
        problem: Mapping[str, Any] = NOTHING,
    ) -> None:
        super().__init__(message, errors=errors, total=total)
        self.problem = dict(problem)
        self.status: int = self.problem.get("status", 0)
        self.code: str = self.problem.get("code", "")
        self.detail: str = self.problem.get("detail", "")
        self.request_id: str | None = self.problem.get("request_id")


class KeyRefused(Refused):
    """A key that the service does not take, or a caller that needs one."""


class NotServed(Refused):
    """A model, a version or a symbol that the service does not have, or a model of the other kind."""


class RowsRefused(Refused):
    """Rows or cells that cannot be right."""


class TooLarge(Refused):
    """A frame of more rows or bytes than the service takes in one request."""


class Busy(Refused):
    """A service that took no request, in all attempts."""


class ServiceFailed(Refused):
    """A fault of the service."""


def show_line(text: str) -> str:
    r"""Return a text as one line: what does not print as its escape, `\x1b` or `\n`, and a long one cut off."""
    cut = text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}…"
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in cut)
