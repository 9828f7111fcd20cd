"""The address of a service: what may be shown of it, and the user and password that may not."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lockstep.errors import LockstepError

SCHEMES = ("http", "https")
EXAMPLE = "http://127.0.0.1:5000"
UNUSABLE_LETTERS = set(' "<>\\^`{|}')
"""Printable ASCII that no URL holds as it is."""


class BadAddress(LockstepError):
    """A text that is no address of a service; the message does not repeat it, as it may hold a password."""


@dataclass(frozen=True)
class Address:
    """The URL of a service without user and password, which are in `login` if there are any."""

    url: str
    login: tuple[str, str] | None


def parse_address(text: str) -> Address:
    """Return the address that a text names; raise `BadAddress` if a path cannot be put behind it."""
    if not text.isprintable() or UNUSABLE_LETTERS & set(text):
        raise BadAddress("the URL has a blank or another letter that no URL can hold")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress("the URL has a host or a port that cannot be read") from error
    if parts.scheme not in SCHEMES or not host:
        raise BadAddress("the URL does not begin with http:// or https:// and a host")
    if parts.query or parts.fragment:
        raise BadAddress("the URL has a query or a fragment, behind which no path can stand; leave it out")
    shown = f"[{host}]" if ":" in host else host
    at = shown if port is None else f"{shown}:{port}"
    login = (unquote(parts.username or ""), unquote(parts.password or ""))
    return Address(f"{parts.scheme}://{at}{parts.path.rstrip('/')}", login if any(login) else None)


def suggest_address(text: str) -> str:
    """Return what to type in place of a text that is no address: the same behind http:// if that is one, or an example.

    A text with a user or a password is not repeated.
    """
    try:
        address = parse_address(f"http://{text}")
    except BadAddress:
        return EXAMPLE
    return EXAMPLE if address.login or "://" in text else address.url
