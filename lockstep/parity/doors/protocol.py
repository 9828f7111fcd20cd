"""What the suite has to know of a protocol to go through its door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lockstep.doors.listed import find_door
from lockstep.parity.answers import Reply
from lockstep.parity.difference import Value
from lockstep.parity.draws import Draws
from lockstep.parity.posted import Posted, Sent
from lockstep.scoring.kinds import Kind

if TYPE_CHECKING:
    from lockstep.parity.doors.sheet import Sheet
    from lockstep.parity.subject import Subject
    from lockstep.parity.wish import Wish

Columns = Mapping[str, Sequence[Value | None]]
"""Of each output that was answered, `prediction` or `proba_<class>`, a value for each row in the order posted."""

Record = dict[str, Any]
"""A row from column to cell."""


@dataclass(frozen=True)
class BadBody:
    """A bad request in a protocol's own form, and the kind of problem that has to answer it; see `BadInput`."""

    what: str
    kind: Kind
    sent: Sent
    is_local: bool = True


@dataclass(frozen=True)
class Protocol:
    """A protocol, whose door is at `path`, and how the suite writes and reads what goes through it.

    `forms` are those that hold any number of rows, `write` draws one of these or another and returns the request.
    `read` returns what an answer says, from its bytes alone; it raises `UnexpectedAnswer`. `write_records` posts some
    records in the plainest form, so that they may hold anything. `list_broken` are requests that are broken in ways of
    the protocol, around such records. Its requests name a model if it `names_model`; its answers hold probabilities if
    it `answers_proba`.
    """

    name: str
    path: str
    forms: Callable[[Subject], tuple[str, ...]]
    write: Callable[[Subject, Sheet, Draws, Wish], Posted]
    read: Callable[[Subject, Posted, Reply], Columns]
    write_records: Callable[[Subject, list[Record]], Sent]
    list_broken: Callable[[Subject, list[Record], Draws], Iterator[BadBody]]
    names_model: bool = False
    answers_proba: bool = True

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of models whose rows the door takes."""
        door = find_door(self.path)
        return () if door is None else door.kinds
