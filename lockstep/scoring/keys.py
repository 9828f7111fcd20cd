"""API keys: only their SHA-256 is stored, and they are compared in constant time.

A key is 256 random bits, so a plain digest cannot be searched; a slow password hash would only cost time.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

KEY_BYTES = 32
MIN_BARE_SECRET = 32
GENERATED = "generated"
NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ApiKey:
    """A key: its name, and its SHA-256 in hexadecimal."""

    name: str
    sha256: str

    @property
    def entry(self) -> str:
        """Return the entry for LOCKSTEP_API_KEYS."""
        return f"{self.name}:{self.sha256}"


def new_key(name: str) -> tuple[str, ApiKey]:
    """Return a fresh secret and what the service stores of it; raise ValueError for a name it cannot hold."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no key name; expected letters, digits, '_', '.' or '-', at most 64")
    secret = secrets.token_urlsafe(KEY_BYTES)
    return secret, ApiKey(name, _digest(secret))


def parse_keys(text: str) -> tuple[ApiKey, ...]:
    """Return the keys in `name:sha256,name:sha256`; raise ValueError, naming the entry by its place, never its text.

    A bare secret, as Heroku's generator writes it, is a key called `generated`.
    """
    keys = tuple(_parse_entry(place, entry.strip()) for place, entry in enumerate(text.split(","), 1) if entry.strip())
    names = [key.name for key in keys]
    if len(set(names)) < len(names):
        raise ValueError("two entries have one name; give each key its own")
    return keys


def _parse_entry(place: int, entry: str) -> ApiKey:
    name, colon, digest = entry.partition(":")
    if colon and NAME.fullmatch(name) and DIGEST.fullmatch(digest):
        return ApiKey(name, digest)
    if not colon and len(entry) >= MIN_BARE_SECRET:
        return ApiKey(GENERATED, _digest(entry))
    raise ValueError(f"entry {place} is not name:sha256; make one with `lockstep keys new NAME`")


def find_key(keys: Sequence[ApiKey], presented: bytes) -> ApiKey | None:
    """Return the key that was presented, comparing with every stored one whatever matches; nothing is no key.

    A key is bytes: a secret that is not ASCII is sent, and stored, as UTF-8.
    """
    digest = hashlib.sha256(presented).hexdigest()
    found = [key for key in keys if hmac.compare_digest(key.sha256, digest)]
    return found[0] if found and presented else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
