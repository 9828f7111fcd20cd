"""What a caller gives the client before the first request: the address and the key, checked at once."""

from urllib.parse import urlsplit

from lockstep.client.errors import NotSent

SCHEMES = ("http", "https")
ON_THIS_MACHINE = ("localhost", "127.", "[::1]", "0.0.0.0")  # noqa: S104 -- nothing is bound: what an address begins with


def check_url(text: str) -> str:
    """Return the address of a service, without a slash at its end; raise `NotSent`.

    The message repeats the text only if it holds no password, and no query, in which a key may be.
    """
    try:
        parts = urlsplit(text)
        has_login, host, _ = "@" in parts.netloc or "@" in text, parts.hostname, parts.port
    except ValueError as error:
        raise NotSent(f"the address of the service cannot be read: {error}") from error
    if has_login:
        raise NotSent("the address of the service holds a user or a key: pass the key as Client(url, key)")
    if "://" not in text:
        scheme = "http" if text.startswith(ON_THIS_MACHINE) else "https"
        raise NotSent(f"the address {text!r} has no http:// or https:// in front: Client('{scheme}://{text}')")
    if parts.scheme not in SCHEMES or not host or not text.isprintable() or " " in text:
        raise NotSent(f"the address {text!r} is not one of HTTP; expected http://HOST:PORT or https://HOST")
    if parts.query or parts.fragment:
        raise NotSent("the address has a query or a fragment: expected http://HOST:PORT or https://HOST")
    return text.rstrip("/")


def check_key(key: str | None) -> str | None:
    """Return the key; raise `NotSent`, whose message does not repeat it, for one that no header can hold."""
    if key is not None and (not key or not key.isprintable() or " " in key):
        raise NotSent(
            "the key is empty, or has a blank or the end of a line in it: is it read from a file? key.strip()"
        )
    return key
