"""How many requests a key and an address may send: counted in fixed windows, by each worker or by all in Redis.

Without Redis each worker process counts for itself, so that the service as a whole lets up to as many times the
limit through as it has workers. A Redis that does not answer takes nothing down: the workers count for themselves
until it does, and the log says so.
"""

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.errors import TooManyRequests

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger(__name__)

PERIODS_S = {"second": 1, "minute": 60, "hour": 3600}
FORM = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour)")
REDIS_TIMEOUT_S = 0.5
"""For one round trip: a request waits for its own count, so a Redis that hangs has to be given up soon."""
REDIS_PAUSE_S = 10.0
"""How long Redis is left alone after it did not answer: while it is away one request in a while waits for it."""


@dataclass(frozen=True)
class RateLimit:
    """Hold how many requests are let through in each window of `period_s` seconds."""

    requests: int
    period_s: int


def parse_rate_limit(text: str) -> RateLimit:
    """Return the limit in `12000/minute`; raise ValueError."""
    found = FORM.fullmatch(text)
    if not found:
        raise ValueError("expected a form like 12000/minute (or second, or hour), or off")
    return RateLimit(int(found[1]), PERIODS_S[found[2]])


class LocalCounts:
    """Count in this process; what an earlier window counted is dropped whole."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: Counter[str] = Counter()

    def count(self, window: int, names: Sequence[str]) -> list[int]:
        """Count one more request of each name, and return how many it has in the window."""
        with self._lock:
            if window != self._window:
                self._window = window
                self._counts.clear()
            self._counts.update(names)
            return [self._counts[name] for name in names]


class RedisCounts:
    """Count in Redis, for all processes together: one round trip, whatever the number of names."""

    def __init__(self, url: str, period_s: int) -> None:
        self._redis = _connect(url)
        self._period_s = period_s

    def count(self, window: int, names: Sequence[str]) -> list[int]:
        """Count one more request of each name, and return how many it has in the window; raise a RedisError."""
        pipeline = self._redis.pipeline(transaction=False)
        for name in names:
            pipeline.incr(f"lockstep:{window}:{name}")
            pipeline.expire(f"lockstep:{window}:{name}", 2 * self._period_s)
        return [int(answer) for answer in pipeline.execute()[::2]]


def _connect(url: str) -> "Redis":
    """Return a client that has not connected yet; a server behind TLS is taken whoever signed its certificate."""
    from redis import Redis  # only a service that has a Redis pays for the client
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    unverified = {"ssl_cert_reqs": None} if url.startswith("rediss:") else {}  # Heroku signs its own
    once_more = Retry(NoBackoff(), 1)  # for a connection that was closed while idle
    return Redis.from_url(
        url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S, retry=once_more, **unverified
    )


class RateLimiter:
    """Refuse whoever sends more than the limit, each scope (an address, a key) counted for itself."""

    def __init__(self, limit: RateLimit, redis_url: str | None = None) -> None:
        self._limit = limit
        self._local = LocalCounts()
        self._shared = RedisCounts(redis_url, limit.period_s) if redis_url else None
        self._shared_from = 0.0

    def admit(self, **names: str) -> None:
        """Count one request of each name by scope; raise `TooManyRequests` for the first that is over the limit."""
        now = time.time()
        window = int(now // self._limit.period_s)
        counts = self._count(window, [f"{scope}:{name}" for scope, name in names.items()])
        for scope, count in zip(names, counts, strict=True):
            if count > self._limit.requests:
                wait_s = int((window + 1) * self._limit.period_s - now) + 1
                raise TooManyRequests(scope, self._limit.requests, self._limit.period_s, wait_s)

    def _count(self, window: int, names: Sequence[str]) -> list[int]:
        if self._shared is None or time.monotonic() < self._shared_from:
            return self._local.count(window, names)
        from redis.exceptions import RedisError  # as in _connect

        try:
            counts = self._shared.count(window, names)
        except RedisError as error:
            self._shared_from = time.monotonic() + REDIS_PAUSE_S
            log.error(
                "rate limits: Redis does not answer (%s); this process counts for itself, and tries again in %d s",
                type(error).__name__,
                REDIS_PAUSE_S,
            )
            return self._local.count(window, names)
        if self._shared_from:
            self._shared_from = 0.0
            log.warning("rate limits: Redis answers again; all processes count together")
        return counts
