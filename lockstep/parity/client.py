"""A client of the service, over HTTP only: posts bodies, bounds answers, knows nothing of the backend's code."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lockstep.doors.many_series import MULTI_STATUS
from lockstep.parity.address import parse_address
from lockstep.parity.answers import (
    OK,
    NotOurs,
    Reply,
    ServedModel,
    ServiceUnreachable,
    UnexpectedAnswer,
    Version,
    read_json,
    read_version,
)
from lockstep.parity.transport import NO_ANSWER, Asked, Headers, Transport
from lockstep.scoring.kinds import UNPROVEN_SERIES

FIRST_PAUSE_S = 0.25
UNAUTHORIZED = 401
TOO_MANY = 429
UNAVAILABLE = 503
UNPROVEN = f'"{UNPROVEN_SERIES.code}"'.encode()
"""What a 503 says that no attempt will change: the series does not reproduce its evaluation there."""
LONGEST_WITHOUT_ROWS = 1 << 20
"""Bytes that any answer may have: `/version` of some thousand models."""
LONGEST_ROW = 16_384
"""Bytes that a row may add to an answer if the model is not known: the values of hundreds of columns."""


@dataclass(frozen=True)
class Patience:
    """How often a request is tried, and how many seconds each attempt may take, to the last byte of the answer."""

    attempts: int = 4
    timeout_s: float = 60.0


PATIENCE = Patience()


class ServiceClient:
    """A client of the service at `url`; connection errors, unreadable answers and 503 are tried again, nothing else.

    A user and a password in the URL are sent, and are not in `url`. An answer is at most `longest_row` bytes long for
    each row that was posted, and a little. Forecasts are asked of `model` and `version`, if they are set, else of the
    service's default and of its champion. `retries` counts those, `digests` the `X-Model-Digest` of these forecasts
    and, under False, of all other answers; `timings` holds the path and the seconds of each. One client may be used by
    many threads.
    """

    def __init__(
        self, url: str, api_key: str | None = None, model: str | None = None, version: int | None = None,
        patience: Patience = PATIENCE,
    ) -> None:  # fmt: skip
        self._address = parse_address(url)
        self.api_key = api_key
        self.model = model
        self.version = version
        self.patience = patience
        self.longest_row = LONGEST_ROW
        self.retries = 0
        self.digests: Counter[tuple[bool, str]] = Counter()
        self.timings: list[tuple[str, float]] = []
        self._local = threading.local()

    @property
    def url(self) -> str:
        """Return the URL of the service, as it may be shown."""
        return self._address.url

    @property
    def needs_login(self) -> bool:
        """Return whether the URL had a user or a password."""
        return self._address.login is not None

    def get_version(self) -> Version:
        """Return what `/version` says; raise `UnexpectedAnswer` where it is not of this form, with status 200."""
        return read_version(self.send("GET", "/version"))

    def check_access(self) -> None:
        """Raise `NotOurs` where `/version` is not that of a service like this, or the key is not taken."""
        try:
            self.get_version()
        except UnexpectedAnswer as error:
            raise NotOurs(f"{self.url} is no Lockstep service: {error}") from error
        if self.send("POST", "/forecast", b"").status_code == UNAUTHORIZED:
            key = "takes another key than the one given" if self.api_key else "wants a key"
            raise NotOurs(f"{self.url} {key}: set LOCKSTEP_API_KEY, or pass --api-key")

    def post_for_values(self, path: str, body: bytes) -> dict[str, Any]:
        """Return the trace of an answer: the values of every stage, by stage, and the `rows` they are of."""
        trace: dict[str, Any] = read_json(self.send("POST", path, body))["trace"]
        return trace

    @property
    def named(self) -> dict[str, str | int]:
        """Return the members of a body that name the model and the version that are asked."""
        members = {"model": self.model, "version": self.version}
        return {name: value for name, value in members.items() if value is not None}

    def list_names(self, served: ServedModel) -> Sequence[str | int]:
        """Return how requests may name the version that is proven, of which `/version` says this."""
        return [served.version, *served.aliases]

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Headers | None = None, *, n_rows: int = 0
    ) -> Reply:
        """Return the answer to a request, whatever its status; raise `ServiceUnreachable` when none comes.

        `n_rows` is how many rows a body posts in which not each of them begins with a bracket.
        Raises `NotOurs` where the service limits us: what is not answered is neither equal nor different. Raises
        `UnexpectedAnswer` for an answer that no service like this gives to the request: a longer one than the rows
        posted can have, or a compressed one.
        """
        longest, chosen = self._bound(body, n_rows), self._choose_headers(body, headers or {})
        asked = Asked(method, path, body, chosen, self.patience.timeout_s, longest)
        fault = ""
        for attempt in range(self.patience.attempts):
            if attempt:
                self.retries += 1
                time.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1))
            started = time.perf_counter()
            try:
                reply = self._transport().exchange(asked)
            except NO_ANSWER as error:
                fault = type(error).__name__
                continue
            if reply.status_code == TOO_MANY:
                raise self._refuse_limit(reply)
            if reply.status_code != UNAVAILABLE or UNPROVEN in reply.content:
                self._count(asked, reply, time.perf_counter() - started)
                return reply
            fault = "503 Service Unavailable"
        raise ServiceUnreachable(f"{method} {self.url}{path}: {fault} in each of {self.patience.attempts} attempt(s)")

    def _bound(self, body: bytes | None, n_rows: int) -> int:
        """Return how many bytes the answer may have; each row of a body begins with a bracket, or is counted."""
        brackets = 0 if body is None else body.count(b"[") + body.count(b"{")
        return LONGEST_WITHOUT_ROWS + max(brackets, n_rows) * self.longest_row

    def _refuse_limit(self, reply: Reply) -> NotOurs:
        wait = reply.headers.get("Retry-After", "some")
        return NotOurs(
            f"{self.url} lets no more requests in for {wait} s: this key or address is over its limit; "
            "wait, or raise LOCKSTEP_RATE_LIMIT (a run sends some 400 requests at once, thousands with --expect)"
        )

    def _count(self, asked: Asked, reply: Reply, duration_s: float) -> None:
        self.timings.append((asked.path, duration_s))
        is_forecast = asked.method == "POST" and reply.status_code in (OK, MULTI_STATUS)
        self.digests[is_forecast, reply.headers.get("X-Model-Digest", "")] += 1

    def _choose_headers(self, body: bytes | None, headers: Headers) -> Headers:
        keyed = {"x-api-key": self.api_key} if self.api_key else {}
        typed = {"Content-Type": "application/json"} if body is not None else {}
        return {**keyed, **typed, **headers}

    def _transport(self) -> Transport:
        if not hasattr(self._local, "transport"):
            self._local.transport = Transport(self._address)
        transport: Transport = self._local.transport
        return transport
