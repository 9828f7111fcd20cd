"""What `lockstep evaluate` shows of a bundle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from rich.table import Table


@dataclass(frozen=True)
class Scored:
    """The JSON object, the tables, how to draw the picture, and the verdict in sentences."""

    printed: Mapping[str, object]
    tables: Sequence[Table]
    draw: Callable[[], Figure]
    judged: Sequence[str] = ()
