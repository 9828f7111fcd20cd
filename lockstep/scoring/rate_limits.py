"""How many requests a key and an address may send, in fixed windows of each worker or of all in Redis.

Without Redis each worker process counts for itself, so that the service as a whole lets up to as many times the
limit through as it has workers. A Redis that does not answer takes nothing down: the workers count for themselves
until it does, and the log says so.
"""

import ipaddress
import logging
import time

from lockstep.scoring.errors import RequestError
from lockstep.scoring.kinds import TOO_MANY_REQUESTS
from lockstep.scoring.rates import Rate
from lockstep.scoring.redis_windows import RedisUnusable, RedisWindows
from lockstep.scoring.windows import Windows

log = logging.getLogger(__name__)

REDIS_PAUSE_S = 10.0
"""How long Redis is left alone after it did not answer: while it is away one request in a while waits for it."""
IPV6_PREFIX = 64
"""How much of an IPv6 address counts: whoever has one has all that begin alike."""
KEY, ADDRESS = "key", "address"
"""What is counted, each for itself."""


class RateLimiter:
    """The counts of every key and every address, each counted for itself."""

    def __init__(self, rate: Rate, redis_url: str | None = None) -> None:
        self._rate = rate
        self._local = {KEY: Windows(rate.period_s), ADDRESS: Windows(rate.period_s)}
        self._shared = RedisWindows(redis_url, rate.period_s) if redis_url else None
        self._shared_from = 0.0

    def admit_key(self, name: str) -> None:
        """Count one request of a key, by its name; raise `RequestError` if it is over the limit."""
        self._admit(KEY, name)

    def admit_address(self, address: str) -> None:
        """Count one request of an address, an IPv6 address with its network; raise `RequestError`."""
        self._admit(ADDRESS, name_network(address))

    def _admit(self, scope: str, name: str) -> None:
        counted, left_s = self._count(scope, name)
        if counted > self._rate.requests:
            raise _describe_excess(scope, self._rate, max(1, int(left_s) + 1))

    def _count(self, scope: str, name: str) -> tuple[int, float]:
        """Return how often the name was counted in this window, and the seconds until the window ends."""
        if self._shared is None or time.monotonic() < self._shared_from:
            return self._local[scope].count(name)
        try:
            counted = self._shared.count(f"{scope}:{name}")
        except RedisUnusable as error:
            self._shared_from = time.monotonic() + REDIS_PAUSE_S
            log.error(
                "rate limits: Redis does not answer (%s); this process counts for itself, and tries again in %d s",
                error,
                REDIS_PAUSE_S,
            )
            return self._local[scope].count(name)
        if self._shared_from:
            self._shared_from = 0.0
            log.warning("rate limits: Redis answers again; all processes count together")
        return counted


def name_network(address: str) -> str:
    """Return what an address counts as: an IPv6 address as its network, any other text as it is."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), IPV6_PREFIX), strict=False))


def _describe_excess(scope: str, rate: Rate, wait_s: int) -> RequestError:
    """Return the refusal; its fields are those of draft-ietf-httpapi-ratelimit-headers-09."""
    detail = f"more than {rate.requests} requests in {rate.period_s} s by this {scope}; try again in {wait_s} s"
    headers = {
        "Retry-After": str(wait_s),
        "RateLimit-Policy": f'"{scope}";q={rate.requests};w={rate.period_s}',
        "RateLimit": f'"{scope}";r=0;t={wait_s}',
    }
    return RequestError(TOO_MANY_REQUESTS, detail, headers)
