"""What a check leaves to chance of how its rows are written and sent, and what it does not."""

from dataclasses import dataclass

from lockstep.parity.posted import History, Rows, Trace
from lockstep.parity.spelling import Spell

TRACES: tuple[Trace | None, ...] = (None, "digests", "digests", "values")


@dataclass(frozen=True)
class Wish:
    """The options among which the way of a request is drawn; where there are none, everything that there is.

    `is_exact` leaves out forms that give other numbers, `is_anchored` is for `Posted`; `before` are the rows that the
    posted ones are changed from. `dates` and `spell` are the forms of dates and numbers.
    """

    paths: tuple[str, ...] = ()
    traces: tuple[Trace | None, ...] = TRACES
    history: History = "stored"
    is_exact: bool = False
    is_anchored: bool = False
    keeps_order: bool = False
    before: Rows = None
    dates: str = ""
    spell: Spell | None = None


ANY = Wish()
EVALUATED = Wish(is_exact=True, is_anchored=True)
"""The very numbers of the evaluation, of which its lines are expected."""
