"""How much of a run is wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scope:
    """What of a run is asked: by check, the numbers of the only requests; and the options that chose the bundle.

    `symbol` names the only series of a panel that is proven; None for all.
    """

    only: Mapping[str, Sequence[int]] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    symbol: str | None = None


WHOLE = Scope()
