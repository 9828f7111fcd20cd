"""How much a run measures."""

from dataclasses import dataclass

ROWS = (1, 961)
TABLE_ROWS = (1, 1_000)
PROTOCOL_ROWS = (961, 10_000)
CONNECTIONS = (1, 16)


@dataclass(frozen=True)
class Plan:
    """The bounds of a run: rounds of fresh connections, seconds and requests of a load, repetitions.

    The load on one connection takes half of `load_s`.
    """

    rounds: int = 6
    load_s: float = 1.6
    max_requests: int = 20_000
    launches: int = 5
    history_calls: int = 300
    growth_calls: int = 400
    level_calls: int = 1_200


FULL = Plan()
QUICK = Plan(load_s=0.4, max_requests=2_000, launches=3, history_calls=60, growth_calls=50, level_calls=200)
