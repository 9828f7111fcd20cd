"""How many requests a key and an address may send: the fixed windows of `limits`, in each worker or for all in Redis.

Without Redis each worker process counts for itself, so that the service as a whole lets up to as many times the
limit through as it has workers. A Redis that does not answer takes nothing down: the workers count for themselves
until it does, and the log says so.

`limits` is what Flask-Limiter counts with. It stands alone here, since Flask-Limiter's own part of a request takes
a quarter of the time of a forecast of one row.
"""

import logging
import time
from functools import cached_property

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import TOO_MANY_REQUESTS
from lockstep.scoring.rates import Rate

log = logging.getLogger(__name__)

REDIS_TIMEOUT_S = 0.5
"""For one round trip: a request waits for its own count, so a Redis that hangs has to be given up soon."""
REDIS_PAUSE_S = 10.0
"""How long Redis is left alone after it did not answer: while it is away one request in a while waits for it."""


class RateLimiter:
    """The counts of every address and every key, each counted for itself."""

    def __init__(self, rate: Rate, redis_url: str | None = None) -> None:
        self._rate = rate
        self._limit: RateLimitItem = parse(str(rate))
        self._shared = FixedWindowRateLimiter(connect_redis(redis_url)) if redis_url else None
        self._shared_from = 0.0

    @cached_property
    def _local(self) -> FixedWindowRateLimiter:
        """Return the windows of this process, made with its first request: they start a thread, which no fork has."""
        return FixedWindowRateLimiter(MemoryStorage())

    def admit(self, **names: str) -> None:
        """Count one request of each name by scope; raise `RequestError` at the first that is over the limit."""
        for scope, name in names.items():
            if (wait_s := self._count(scope, name)) is not None:
                raise _describe_excess(scope, self._rate, wait_s)

    def _count(self, scope: str, name: str) -> int | None:
        """Return in how many seconds the name is let through again; None where it is now."""
        if self._shared is None or time.monotonic() < self._shared_from:
            return self._hit(self._local, scope, name)
        try:
            wait_s = self._hit(self._shared, scope, name)
        except StorageError as error:
            self._shared_from = time.monotonic() + REDIS_PAUSE_S
            log.error(
                "rate limits: Redis does not answer (%s); this process counts for itself, and tries again in %d s",
                type(error.storage_error).__name__,
                REDIS_PAUSE_S,
            )
            return self._hit(self._local, scope, name)
        if self._shared_from:
            self._shared_from = 0.0
            log.warning("rate limits: Redis answers again; all processes count together")
        return wait_s

    def _hit(self, windows: FixedWindowRateLimiter, scope: str, name: str) -> int | None:
        if windows.hit(self._limit, scope, name):
            return None
        return max(1, int(windows.get_window_stats(self._limit, scope, name).reset_time - time.time()) + 1)


def _describe_excess(scope: str, rate: Rate, wait_s: int) -> RequestError:
    """Return the refusal; its fields are those of draft-ietf-httpapi-ratelimit-headers-09."""
    detail = f"more than {rate.requests} requests in {rate.period_s} s by this {scope}; try again in {wait_s} s"
    headers = {
        "Retry-After": str(wait_s),
        "RateLimit-Policy": f'"{scope}";q={rate.requests};w={rate.period_s}',
        "RateLimit": f'"{scope}";r=0;t={wait_s}',
    }
    return RequestError(TOO_MANY_REQUESTS, detail, headers)


def connect_redis(url: str) -> RedisStorage:
    """Return a storage that has not connected yet; a server behind TLS is taken whoever signed its certificate."""
    from redis.backoff import NoBackoff  # only a service that has a Redis pays for the client
    from redis.retry import Retry

    unverified = {"ssl_cert_reqs": None} if url.startswith("rediss:") else {}  # Heroku signs its own
    once_more = Retry(NoBackoff(), 1)  # for a connection that was closed while idle
    return RedisStorage(
        url,
        wrap_exceptions=True,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=once_more,  # type: ignore[arg-type] # handed on to redis, which takes more than texts and numbers
        **unverified,  # type: ignore[arg-type] # the same
    )
