"""The same windows in Redis, where all processes count together.

A worker answers one request at a time, so what it waits for, all its callers wait for: short time-outs, one try.
"""

from urllib.parse import urlsplit

KEY_PREFIX = "lockstep:rate:"
CONNECT_S = 0.1
"""For a new connection, which is made at the first request and after a failure."""
EXCHANGE_S = 0.05
"""For each read from Redis, which answers in 0.1 ms if both have a processor for themselves."""
MAX_REASON_CHARACTERS = 40


class RedisUnusable(Exception):
    """Redis did not answer in time, or not as expected."""


def parse_redis_url(text: str) -> str:
    """Return the URL `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://` if encrypted.

    Raises ValueError, which repeats nothing of it.
    """
    try:
        parts = urlsplit(text)
        database, _ = parts.path.strip("/") or "0", parts.port
    except ValueError:
        raise ValueError("expected a port from 1 to 65535 after the host") from None
    well_formed = parts.scheme in ("redis", "rediss") and parts.hostname and not (parts.query or parts.fragment)
    if not (well_formed and database.isascii() and database.isdigit()):
        raise ValueError("expected the form redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], or rediss://…")
    return text


class RedisWindows:
    """Counts of names in the Redis at a URL; each begins again at 0 one period after its first."""

    def __init__(self, url: str, period_s: int) -> None:
        import redis  # takes a tenth of a second, and a service without Redis has no use for it
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        # whoever signed the certificate: Heroku signs its own
        unverified = {"ssl_cert_reqs": "none", "ssl_check_hostname": False} if url.startswith("rediss:") else {}
        self._period_s, self._failure = period_s, redis.RedisError
        self._client = redis.Redis.from_url(
            url,
            protocol=2,  # no greeting, which would be a round trip more
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=CONNECT_S,
            socket_timeout=EXCHANGE_S,
            **unverified,
        )

    def count(self, name: str) -> tuple[int, float]:
        """Count a name; return how often it was counted in its window, and the seconds until that ends.

        Raises `RedisUnusable`; the next call connects anew.
        """
        key = f"{KEY_PREFIX}{name}"
        commands = self._client.pipeline(transaction=False)
        commands.set(key, 0, ex=self._period_s, nx=True)
        commands.incr(key)
        commands.pttl(key)
        try:
            _, counted, left_ms = commands.execute()
            return int(counted), int(left_ms) / 1000
        except (self._failure, ValueError, TypeError, OSError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise RedisUnusable(reason[:MAX_REASON_CHARACTERS]) from error

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
