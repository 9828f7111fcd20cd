"""What both clients have: an address, a key, a digest and patience, and how they become a request of httpx."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from lockstep.client.address import check_key, check_url
from lockstep.client.answers import FEWEST_DIGITS
from lockstep.client.errors import NotSent
from lockstep.client.exchange import Asked, Fault, Patience
from lockstep.client.problems import Reply

DIGEST = re.compile(rf"[0-9a-f]{{{FEWEST_DIGITS},64}}")
ATTEMPTS, TIMEOUT_S, TOTAL_S = 4, 30.0, 60.0


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
        headers = {"accept": "application/json", **({"content-type": "application/json"} if asked.body else {})}
        # as bytes: httpx takes text in ASCII alone, and a key may be UTF-8
        keyed = {} if self.key is None else {b"x-api-key": self.key.encode()}
        return {
            "method": asked.method,
            "url": self.url + asked.path,
            "content": asked.body,
            "params": dict(asked.query) or None,
            "headers": {**{name.encode(): value.encode() for name, value in headers.items()}, **keyed},
            "timeout": asked.timeout_s,
        }

    def begin(self, asked: Asked, response: httpx.Response) -> "Arriving":
        """Return what gathers the body of an answer."""
        return Arriving(self, response, self.patience.now() + asked.timeout_s)


class Arriving:
    """The body of an answer as it comes in, within its time: each block may be in time, and all of them too late."""

    def __init__(self, connection: Connection, response: httpx.Response, ends: float) -> None:
        self._connection = connection
        self._response = response
        self._ends = ends
        self._body = bytearray()

    def add(self, block: bytes) -> None:
        """Add some bytes; raise `httpx.ReadTimeout`."""
        self._body += block
        if self._connection.patience.now() > self._ends:
            raise httpx.ReadTimeout("the answer did not end in time", request=self._response.request)

    @property
    def reply(self) -> Reply:
        """Return the whole answer."""
        response = self._response
        return Reply(str(response.request.url), response.status_code, response.headers, bytes(self._body))


def name_fault(error: httpx.RequestError) -> Fault:
    """Return why no answer came, as httpx says it."""
    return Fault(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
