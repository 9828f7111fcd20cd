"""Splitters in front of services with other champions, right ones and wrong ones, in this process."""

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from qa.in_process import Wsgi

STICKY_HEADER = "x-lockstep-split-key"
STICKY_KEY = "HTTP_X_LOCKSTEP_SPLIT_KEY"
Choose = Callable[[dict[str, Any], Sequence[int]], int]


def _pick(place: float, weights: Sequence[int]) -> int:
    """Return which of the weights a place from 0 to their sum falls on."""
    for number, weight in enumerate(weights):
        if place < weight:
            return number
        place -= weight
    return len(weights) - 1


@dataclass
class Splitter:
    """A WSGI app that passes each request on to one of `arms`, by `weights`; a caller's key stays if it `keeps` it."""

    arms: Sequence[Wsgi]
    weights: Sequence[int]
    keeps: bool = True
    seed: int = 5
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 -- chance, not secrets

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        return self.arms[self.choose(environ)](environ, start)

    def choose(self, environ: dict[str, Any]) -> int:
        """Return the number of the arm that answers."""
        total = sum(self.weights)
        if self.keeps and (key := environ.get(STICKY_KEY)):
            hashed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
            return _pick(hashed * total / 2**64, self.weights)
        return _pick(self._random.random() * total, self.weights)


@dataclass
class ByTurns(Splitter):
    """A splitter that deals requests out in turns, whoever calls."""

    _count: int = 0

    def choose(self, environ: dict[str, Any]) -> int:
        """Return the number of the next arm."""
        self._count += 1
        return _pick(self._count % sum(self.weights), self.weights)
