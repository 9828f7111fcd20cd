"""The shares of the versions behind one address: what was asked for, and which counts of answers agree with it."""

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate

from lockstep.bundles.versions import NAME, VERSION
from lockstep.errors import LockstepError

ERROR = 1e-6
"""How likely it is that shares which are as asked are called wrong, over all versions."""
ANSWERS_OF_SMALLEST = 250
"""Expected first answers of the version with the smallest share: half or double of it is then found in 99.9 %."""
SMALLEST_SHARE = 0.01
"""What is smaller takes more than 25,000 requests to tell."""
SILENCE = 1e-9
"""How likely it is that a version which has its share answers none of the tries of one request."""
EXAMPLE = "champion=90,challenger=10"
ADVISE_EXPECT = f"several versions answer behind this address: prove each of them with --expect {EXAMPLE}"


class BadSplit(LockstepError):
    """Versions and weights that no run can prove."""


def parse_weights(text: str) -> dict[str, int]:
    """Return the weight of each version, named by alias or number, from such as `champion=90,challenger=10`.

    Raises `BadSplit`. Weights are whole numbers above 0, of any sum.
    """
    weights: dict[str, int] = {}
    for entry in text.split(","):
        name, _, weight = entry.strip().partition("=")
        if not (NAME.fullmatch(name) or VERSION.fullmatch(name)) or not VERSION.fullmatch(weight):
            raise BadSplit(f"{entry.strip()[:40]!r} is no version with its weight; example: {EXAMPLE}")
        if name in weights:
            raise BadSplit(f"{name} is named twice; example: {EXAMPLE}")
        weights[name] = int(weight)
    if len(weights) < 2:
        raise BadSplit(f"{text[:40]!r} names one version, which a run without it proves; example: {EXAMPLE}")
    if min(share_out(weights).values()) < SMALLEST_SHARE:
        raise BadSplit(f"a share below {SMALLEST_SHARE:.0%} takes too many requests to tell; raise the smallest weight")
    return weights


def share_out(weights: Mapping[str, int]) -> dict[str, float]:
    """Return the share of each version; all of them are 1 together."""
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def count_asks(shares: Sequence[float]) -> int:
    """Return how many first answers it takes to tell these shares from others."""
    return math.ceil(ANSWERS_OF_SMALLEST / min(shares))


def count_tries(share: float) -> int:
    """Return how often a request is tried until a version with this share, below 1, has answered."""
    return math.ceil(math.log(SILENCE) / math.log1p(-share))


def bound_count(asked: int, share: float, error: float) -> tuple[int, int]:
    """Return the fewest and the most of `asked` answers that agree with a share, by the binomial distribution.

    A count below the fewest, and one above the most, has at most half of `error` as its chance.
    """
    chances = [_chance_of(count, asked, share) for count in range(asked + 1)]
    return _end_tail(chances, error), asked - _end_tail(chances[::-1], error)


def _end_tail(chances: Sequence[float], error: float) -> int:
    """Return the first place up to which the chances make more than half of the error."""
    return next(place for place, chance in enumerate(accumulate(chances)) if chance > error / 2)


def _chance_of(count: int, asked: int, share: float) -> float:
    """Return the chance of a count; as logarithms, for the factors are beyond the range of a float."""
    ways = math.lgamma(asked + 1) - math.lgamma(count + 1) - math.lgamma(asked - count + 1)
    return math.exp(ways + count * math.log(share) + (asked - count) * math.log1p(-share))
