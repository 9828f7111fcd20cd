"""How much of a run is wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scope:
    """What of a run is asked: by check, the numbers of the only requests; and the options that chose the bundle."""

    only: Mapping[str, Sequence[int]] = field(default_factory=dict)
    options: tuple[str, ...] = ()


WHOLE = Scope()
