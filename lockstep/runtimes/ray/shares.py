"""Which of several versions answers a request: drawn by shares, or kept for a caller by the hash of a header."""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lockstep.runtimes.ray.environ import Environ
from lockstep.scoring.settings import SettingsError

ROUTER = "Router"
"""The router's name, by which split.yaml sets its options; the arms have the names that the application gives them."""
SHARES, HEADER = "shares", "sticky_header"
STICKY_HEADER = "x-lockstep-split-key"
WHOLE = 100
HASHED_BYTES = 8


@dataclass(frozen=True)
class Shares:
    """The share of each arm in percent, by name, in the order of the arms; `header` names callers that stay.

    A caller's place among all is the SHA-256 of its header, so every process puts it on the same arm. If shares are
    changed, only callers move whose place changes hands.
    """

    percents: Mapping[str, int]
    header: str = STICKY_HEADER

    def choose(self, environ: Environ, draw: Callable[[], float] = random.random) -> str:
        """Return the arm that answers; `draw` returns a number from 0 to 1, which is not among them."""
        key = environ.get("HTTP_" + self.header.upper().replace("-", "_"), "")
        place = WHOLE * (hash_key(key) if key else draw())
        for name, percent in self.percents.items():
            if place < percent:
                return name
            place -= percent
        raise AssertionError("the shares are 100 percent")


def hash_key(key: str) -> float:
    """Return the place of a key from 0 to 1, which is not among them, the same in every process."""
    hashed = hashlib.sha256(key.encode("latin-1")).digest()[:HASHED_BYTES]
    return (int.from_bytes(hashed, "big") >> (8 * HASHED_BYTES - 53)) / 2**53


def read_shares(config: Mapping[str, Any], arms: Sequence[str]) -> Shares:
    """Return the shares that the `user_config` of the router sets; raise `SettingsError`, saying what is wrong.

    Each arm is named, with whole percents that are 100 together; one with 0 is kept warm.
    """
    if unknown := set(config) - {SHARES, HEADER}:
        raise SettingsError(f"user_config has {min(unknown)!r}; expected {SHARES} and {HEADER}")
    percents, header = config.get(SHARES), config.get(HEADER, STICKY_HEADER)
    if not isinstance(percents, Mapping) or set(percents) != set(arms):
        raise SettingsError(f"user_config.{SHARES} has to name each of {', '.join(arms)}, and no other")
    for name, percent in percents.items():
        if not isinstance(percent, int) or isinstance(percent, bool) or percent < 0:
            raise SettingsError(f"user_config.{SHARES}.{name} is {percent!r}; expected whole percents")
    if (total := sum(percents.values())) != WHOLE:
        raise SettingsError(f"user_config.{SHARES} is {total} percent together; expected {WHOLE}")
    if not isinstance(header, str) or not header.replace("-", "").isalnum() or not header.isascii():
        raise SettingsError(f"user_config.{HEADER} is {header!r}; expected the name of a header")
    return Shares({name: percents[name] for name in arms}, header)
