"""How long the faults last, and what a fault comes to."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """The extent of each fault, and the bounds that depend on how quiet the machine is; None leaves one out.

    `cut_off_s` is how long slow clients are watched: 0 leaves out that they are cut off, which takes 20 s.
    """

    kill_s: float = 30.0
    steady_s: float = 5.0
    load_s: float = 120.0
    most_growth: float = 0.05
    n_silent: int = 2000
    n_slow: int = 300
    n_half: int = 150
    n_limits: int = 3
    cut_off_s: float = 25.0
    most_p99_ms: float | None = 250.0


FULL = Plan()
SHORT = Plan(kill_s=2.0, steady_s=1.0, n_silent=100, n_slow=30, n_half=30, n_limits=1, cut_off_s=0.0, most_p99_ms=None)
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
