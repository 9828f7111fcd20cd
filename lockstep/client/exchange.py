"""One request and its answer: how often it is tried, how long, and what is waited between.

Nothing here sends anything: `exchange` yields what to send or how long to wait, and is sent what came back. So the
client for threads and the one for asyncio do the same.

A forecast changes nothing in the service, so every request may be sent again, `POST` too.
"""

import datetime
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import TypeVar

from lockstep.client.errors import NoAnswer
from lockstep.client.problems import Reply, read_refusal

BAD_GATEWAY, UNAVAILABLE, TOO_MANY = 502, 503, 429
TRIED_AGAIN = (TOO_MANY, BAD_GATEWAY, UNAVAILABLE)
"""A limit, a proxy that reached no service, and a service that takes nothing now."""
UNPROVEN = b'"unproven-series"'
"""The code of a 503 that no attempt will change."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0
LONGEST_ASKED_S = 10
"""Digits of a Retry-After: nobody waits for a longer number of seconds."""
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Asked:
    """A request; `timeout_s` is how long an attempt may take. `labels` name the posted rows in messages."""

    method: str
    path: str
    body: bytes | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    timeout_s: float = 0.0


@dataclass(frozen=True)
class Wait:
    """A pause before the next attempt."""

    seconds: float


@dataclass(frozen=True)
class Fault:
    """The reason why no answer came."""

    reason: str


Outcome = Reply | Fault | None
"""What came of a request; None after a pause."""
Steps = Generator[Asked | Wait, Outcome, Answer]
"""What to do to get an answer, step by step."""


@dataclass(frozen=True)
class Patience:
    """How often a request is tried, how many seconds an attempt may take, and all of them with their pauses.

    `now` is a clock of seconds that never goes back, and `draw` gives a random number from 0 to 1.
    """

    attempts: int
    timeout_s: float
    total_s: float
    now: Callable[[], float] = time.monotonic
    draw: Callable[[], float] = random.random


def exchange(url: str, asked: Asked, patience: Patience) -> Steps[Reply]:
    """Return the answer to a request, whatever its status.

    A lost connection, and a status of `TRIED_AGAIN`, are tried again after a pause: a random part of one that doubles,
    after what a Retry-After demands. Raises `NoAnswer`, or what a last 429 or 503 says, if no attempt is left, or no
    time for the next one.
    """
    started = patience.now()
    for attempt in range(1, patience.attempts + 1):
        left = started + patience.total_s - patience.now()
        outcome = yield replace(asked, timeout_s=min(patience.timeout_s, left))
        if isinstance(outcome, Reply) and not _is_tried_again(outcome):
            return outcome
        pause = choose_pause(attempt, outcome, patience.draw())
        if attempt == patience.attempts or patience.now() + pause >= started + patience.total_s:
            break
        yield Wait(pause)
    tried = f"{attempt} attempt(s) in {patience.now() - started:.1f} s"
    if isinstance(outcome, Reply):
        raise read_refusal(outcome, asked.labels, tried)
    reason = outcome.reason if outcome else "nothing was tried"
    raise NoAnswer(
        f"no answer from {url}{asked.path}: {reason} ({tried}); is it running? On your machine: lockstep serve"
    )


def _is_tried_again(reply: Reply) -> bool:
    return reply.status in TRIED_AGAIN and UNPROVEN not in reply.body


def choose_pause(attempt: int, outcome: Outcome, drawn: float) -> float:
    """Return how many seconds to wait after an attempt, counted from 1; `drawn` is a random number from 0 to 1."""
    demanded = read_retry_after(outcome.headers) if isinstance(outcome, Reply) else 0.0
    return demanded + drawn * min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempt - 1))


def read_retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that a Retry-After demands, a number or a date; 0 without one that can be read."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:LONGEST_ASKED_S])
    until, now = _read_date(text), _read_date(headers.get("date", ""))
    if until is None:
        return 0.0
    # the service's own clock, if it tells it: this machine's may be set otherwise
    return max(0.0, (until - (now or datetime.datetime.now(datetime.UTC))).total_seconds())


def _read_date(text: str) -> datetime.datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=datetime.UTC)
