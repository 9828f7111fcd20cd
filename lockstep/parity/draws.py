"""What a request of the suite is drawn from: bytes that follow from the seed, the bundle, the check and its number.

They are SHA-256 digests, so no library's generator has a part in them, and no request depends on another. Whoever does
not know the seed cannot know what will be asked.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

SCHEME = 2
"""The version of how requests are drawn: with another one, the same seed stands for other requests."""
SEED_BITS = 32
BLOCK_BYTES, WORD_BYTES = 32, 8
FRACTION_BITS = 53
ONE_LARGE_IN = 16

Option = TypeVar("Option")


def draw_seed() -> int:
    """Return a seed that nobody knows before the run."""
    return secrets.randbits(SEED_BITS)


@dataclass(frozen=True)
class Origin:
    """What request `number` of a check is drawn from."""

    seed: int
    digest: str
    check: str
    number: int

    def __str__(self) -> str:
        return f"{self.check}:{self.number}"


class Draws:
    """The stream of draws of one request, always the same for the same origin."""

    def __init__(self, origin: Origin) -> None:
        parts = (SCHEME, origin.seed, origin.digest, origin.check, origin.number)
        self.origin = origin
        self._key = hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
        self._n_blocks = 0

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to `bound` - 1, each as likely as the others."""
        fair = 2 ** (8 * WORD_BYTES) // bound * bound  # what lies beyond would favor the smallest numbers
        while (drawn := int.from_bytes(self._take(WORD_BYTES), "little")) >= fair:
            pass
        return drawn % bound

    def between(self, lowest: int, highest: int) -> int:
        """Return a whole number from `lowest` to `highest`, both included."""
        return lowest + self.below(highest - lowest + 1)

    def size(self, largest: int) -> int:
        """Return a number from 1 to `largest`, of any number of binary digits; fewer digits are likelier.

        Large requests take time, so a run has only some.
        """
        if self.chance(ONE_LARGE_IN):
            return self.between(1, largest)
        n_digits = largest.bit_length()
        lowest = 1 << min(self.below(n_digits), self.below(n_digits))
        return self.between(lowest, min(2 * lowest - 1, largest))

    def chance(self, one_in: int) -> bool:
        """Return True once in `one_in` times."""
        return self.below(one_in) == 0

    def choose(self, options: Sequence[Option]) -> Option:
        """Return one of the options, each as likely as the others."""
        return options[self.below(len(options))]

    def permute(self, count: int) -> NDArray[np.intp]:
        """Return the numbers from 0 to `count` - 1 in a random order."""
        return np.argsort(self._words(count), kind="stable")

    def shuffle(self, options: Sequence[Option]) -> list[Option]:
        """Return the options in a random order."""
        return [options[place] for place in self.permute(len(options)).tolist()]

    def pick(self, count: int, bound: int) -> NDArray[np.intp]:
        """Return `count` numbers from 0 to `bound` - 1; one may be there twice."""
        return (self.fractions(count) * bound).astype(np.intp)

    def fractions(self, count: int) -> NDArray[np.float64]:
        """Return `count` numbers from 0 to 1, which is not among them."""
        return (self._words(count) >> np.uint64(64 - FRACTION_BITS)).astype(np.float64) * 2.0**-FRACTION_BITS

    def uniform(self, lowest: float, highest: float, count: int) -> NDArray[np.float64]:
        """Return `count` numbers from `lowest` to `highest`."""
        return lowest + (highest - lowest) * self.fractions(count)

    def _words(self, count: int) -> NDArray[np.uint64]:
        return np.frombuffer(self._take(WORD_BYTES * count), "<u8")

    def _take(self, n_bytes: int) -> bytes:
        first = self._n_blocks
        self._n_blocks += -(-n_bytes // BLOCK_BYTES)
        blocks = (hashlib.sha256(self._key + place.to_bytes(8, "little")) for place in range(first, self._n_blocks))
        return b"".join(block.digest() for block in blocks)[:n_bytes]
