"""What both clients have: an address, a key, a digest and patience, and how they become a request of httpx."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from lockstep.client.address import check_key, check_url
from lockstep.client.answers import FEWEST_DIGITS
from lockstep.client.deadlines import LATE, Deadline
from lockstep.client.errors import AnswerTooLong, NotLockstep, NotSent
from lockstep.client.exchange import Asked, Fault, Patience
from lockstep.client.problems import Reply

DIGEST = re.compile(rf"[0-9a-f]{{{FEWEST_DIGITS},64}}")
ATTEMPTS, TIMEOUT_S, TOTAL_S = 4, 30.0, 60.0
CONNECT_SHARE = 0.9
"""The part of its time that an attempt may wait for a connection: so a host that takes none is named as that."""

MAX_ANSWER_BYTES = 2**27
"""Eight times the longest answer about bars of a service with its default limits, which has 16 MB."""
GZIP, PLAIN = "gzip", ("", "identity")


@dataclass(frozen=True)
class Connection:
    """Where a client asks, and how; the key is not shown."""

    url: str
    key: str | None = field(repr=False)
    digest: str | None
    patience: Patience

    def __post_init__(self) -> None:
        """Raise `NotSent` for what cannot be right."""
        object.__setattr__(self, "url", check_url(self.url))
        check_key(self.key)
        if self.digest is not None and not DIGEST.fullmatch(self.digest):
            raise NotSent(f"a digest is {FEWEST_DIGITS} to 64 hexadecimal digits, as `lockstep models` prints it")
        if self.patience.attempts < 1 or min(self.patience.timeout_s, self.patience.total_s) <= 0:
            raise NotSent("attempts, timeout_s and total_s have to be above 0")

    def describe(self, asked: Asked) -> dict[str, Any]:
        """Return a request as `httpx.Client.stream` takes it."""
        headers = {"accept": "application/json", "accept-encoding": GZIP}
        headers |= {"content-type": "application/json"} if asked.body else {}
        # as bytes: httpx takes text in ASCII alone, and a key may be UTF-8
        keyed = {} if self.key is None else {b"x-api-key": self.key.encode()}
        return {
            "method": asked.method,
            "url": self.url + asked.path,
            "content": asked.body,
            "params": dict(asked.query) or None,
            "headers": {**{name.encode(): value.encode() for name, value in headers.items()}, **keyed},
            "timeout": httpx.Timeout(asked.timeout_s, connect=CONNECT_SHARE * asked.timeout_s),
        }

    def start(self, asked: Asked) -> Deadline:
        """Return when an attempt that begins now has to be over."""
        return Deadline(self.patience.now() + asked.timeout_s, self.patience.now)


class Arriving:
    """The body of an answer as it comes in, within its time and size; raises `NotLockstep` for another encoding.

    A block of gzip becomes at most a thousand. One of another encoding, or of several, may become any number.
    """

    def __init__(self, response: httpx.Response, deadline: Deadline) -> None:
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in (GZIP, *PLAIN):
            raise NotLockstep(f"{response.request.url} answered in the encoding {encoding!r}; {GZIP} was asked for")
        self._response = response
        self._deadline = deadline
        self._body = bytearray()

    def add(self, block: bytes) -> None:
        """Add some bytes; raise `AnswerTooLong` or `httpx.ReadTimeout`."""
        self._body += block
        if len(self._body) > MAX_ANSWER_BYTES:
            url, limit = self._response.request.url, MAX_ANSWER_BYTES
            raise AnswerTooLong(f"{url} answered more than {limit} bytes; ask for fewer rows or levels at a time")
        self._deadline.count_left()

    @property
    def reply(self) -> Reply:
        """Return the whole answer."""
        response = self._response
        return Reply(str(response.request.url), response.status_code, response.headers, bytes(self._body))


def name_fault(error: httpx.RequestError | TimeoutError) -> Fault:
    """Return why no answer came, as httpx says it."""
    told = LATE if isinstance(error, TimeoutError) else str(error)
    return Fault(f"{type(error).__name__}: {told}" if told else type(error).__name__)
