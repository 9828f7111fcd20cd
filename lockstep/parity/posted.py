"""One request of the suite: the rows that it posts, and the bytes that post them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lockstep.predict.intervals import Levels

Rows = Any
"""What is posted: the bars of a series, or the keyed rows of a table; both have a length and `select`."""

History = Literal["stored", "none"]
Trace = Literal["digests", "values"]


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire; `trace` and `levels` are what its body asks for.

    Levels of None are left to the service, and a route without intervals has none. None takes a header away.
    """

    path: str
    body: bytes
    trace: Trace | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    levels: Levels | None = ()


@dataclass(frozen=True)
class Posted:
    """One request: its rows as the numbers in its body say them, and how it was sent.

    If it `is_anchored`, the rows that are as they were evaluated have to be answered as they were, whatever is posted
    beside them. `before` are the rows that the posted ones are changed from.
    `form` is that of a door's protocol, and `outputs` are the columns that it answers; None for all.
    """

    rows: Rows
    sent: Sent
    history: History = "stored"
    is_anchored: bool = False
    before: Rows = None
    form: str = ""
    outputs: tuple[str, ...] | None = None
