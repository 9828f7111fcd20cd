"""How long the faults last, and what a fault comes to."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """The seconds of each fault, and the bounds that depend on how quiet the machine is; None leaves one out."""

    kill_s: float = 30.0
    steady_s: float = 5.0
    load_s: float = 120.0
    most_growth: float = 0.05
    most_times_p99: float | None = 3.0


FULL = Plan()
SHORT = Plan(kill_s=2.0, steady_s=1.0, most_times_p99=None)
"""For every run of the tests, on a busy machine: latencies are the neighbours'."""


@dataclass
class Finding:
    """The result of a fault: its figures in words, and every broken promise; an empty list is a promise kept."""

    promise: str
    figures: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def require(self, kept: bool, otherwise: str) -> None:
        """Note a broken promise."""
        if not kept:
            self.broken.append(otherwise)
