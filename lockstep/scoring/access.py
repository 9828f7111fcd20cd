"""Who may call. With keys, a caller needs one. Without keys, the service answers its own machine only.

A request that a proxy forwarded comes from elsewhere, even if the proxy runs on the same machine. So does one for
another host name: it was sent by a proxy as well, or by a browser for a page whose name leads here (DNS rebinding).
"""

import re
from typing import NamedTuple

from lockstep.scoring.errors import RequestError
from lockstep.scoring.keys import find_key
from lockstep.scoring.kinds import UNAUTHORIZED
from lockstep.scoring.rate_limits import RateLimiter
from lockstep.scoring.settings import Settings, is_loopback

NO_ADDRESS = "unknown"
"""What all callers without an address count as."""
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:]+)(:[0-9]*)?")
"""A Host header: an IPv6 address in brackets, or any other name or address; a port."""
MAKE_A_KEY = "make one with `lockstep keys new NAME` and set LOCKSTEP_API_KEYS"
MAKE_A_KEY_OR_OPEN = f"{MAKE_A_KEY}, or set LOCKSTEP_ALLOW_ANONYMOUS=1 to answer everyone"


class Caller(NamedTuple):
    """The sender of a request: its address, the key and the Host header that it sends, a sign of a proxy if any.

    An empty address is one that the server does not know, as on a Unix socket. An empty host is a header that is not
    there. The sign is what "no request" is followed by in the refusal.
    """

    address: str
    key: bytes = b""
    host: str = ""
    proxy_sign: str | None = None


def admit_caller(caller: Caller, settings: Settings, limiter: RateLimiter | None) -> str | None:
    """Return the name of the key of a caller who forecasts, None if none is needed; raise `RequestError`.

    A right key is counted for itself, and nothing else of its caller: what others send from the same address, or by
    way of the same proxy, does not lock it out. Any other request is counted for its address.
    """
    key = find_key(settings.api_keys, caller.key)
    if key is not None:
        if limiter:
            limiter.admit_key(key.name)
        return key.name
    _count_address(caller, limiter)
    if settings.api_keys:
        raise RequestError(UNAUTHORIZED, "no valid key: send one in x-api-key, or as Authorization: Bearer")
    if not settings.allow_anonymous:
        _check_local(caller, MAKE_A_KEY_OR_OPEN)
    return None


def admit_reader(caller: Caller, settings: Settings, limiter: RateLimiter | None) -> str | None:
    """Return the name of the key of a caller who reads the counts, None if none is needed; raise `RequestError`.

    LOCKSTEP_ALLOW_ANONYMOUS lets everyone forecast, but shows nobody the counts. Only wrong keys are limited.
    """
    if not settings.api_keys:
        _check_local(caller, MAKE_A_KEY)
        return None
    key = find_key(settings.api_keys, caller.key)
    if key is None:
        _count_address(caller, limiter)
        raise RequestError(UNAUTHORIZED, "/metrics needs a valid key, in x-api-key or as Authorization: Bearer")
    return key.name


def admit_viewer(caller: Caller, settings: Settings, _: RateLimiter | None) -> None:
    """Raise `RequestError` if a service that answers its own machine only is looked at from elsewhere."""
    if not (settings.api_keys or settings.allow_anonymous):
        _check_local(caller, MAKE_A_KEY_OR_OPEN)


def is_local_host(header: str) -> bool:
    """Return whether a Host header names this machine, at any port; so does none, which no browser sends."""
    found = HOST.fullmatch(header.lower())
    return not header or bool(found and is_loopback(found[1]))


def _count_address(caller: Caller, limiter: RateLimiter | None) -> None:
    if limiter:
        limiter.admit_address(caller.address or NO_ADDRESS)


def _check_local(caller: Caller, remedy: str) -> None:
    if caller.proxy_sign:
        reason = f"and no request {caller.proxy_sign}"
    elif is_loopback(caller.address):
        if is_local_host(caller.host):
            return
        reason = "and no request whose Host header names another"
    else:
        reason = f"not {caller.address}" if caller.address else "not a caller without an address"
    raise RequestError(UNAUTHORIZED, f"a service without API keys answers its own machine only, {reason}; {remedy}")
