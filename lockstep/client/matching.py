"""Answers beside what was asked: a row for each posted one, in its place, and pages that follow each other."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from lockstep.client.cells import Cell
from lockstep.client.errors import NotLockstep
from lockstep.client.frames import DATE, SYMBOL, Posted
from lockstep.client.problems import Reply

ISO_DATE_LENGTH = 10


def check_count(reply: Reply, n_answered: int, n_posted: int) -> None:
    """Raise `NotLockstep` for another number of rows than were posted."""
    if n_answered != n_posted:
        raise NotLockstep(f"{reply.url} answered {n_answered} row(s) to {n_posted} posted one(s)")


def check_bars(reply: Reply, answered: Mapping[str, Sequence[Any]], posted: Posted, refused: Set[Any]) -> None:
    """Raise `NotLockstep` for rows of other dates or symbols than the posted ones, or in another order.

    `answered` are the cells by column. Rows of the `refused` symbols have no date.
    """
    check_count(reply, len(answered[DATE]), len(posted.data))
    symbols = posted.find(SYMBOL)
    asked = list(map(_read_day, posted.find(DATE)))
    if symbols:
        asked = [f"{symbol} {None if symbol in refused else day}" for symbol, day in zip(symbols, asked, strict=True)]
        found = [f"{symbol} {day}" for symbol, day in zip(answered[SYMBOL], answered[DATE], strict=True)]
    else:
        found = list(answered[DATE])
    for row, (expected, named) in enumerate(zip(asked, found, strict=True)):
        if expected != named:
            raise NotLockstep(f"{reply.url} answered {named} in row {row}, in which {expected} was posted")


def _read_day(cell: Cell) -> str:
    """Return the day that the service reads in a cell that it takes: a text, or milliseconds since 1970."""
    day = cell if isinstance(cell, str) else str(np.datetime64(int(cell or 0), "ms"))
    return day[:ISO_DATE_LENGTH]


def check_page(reply: Reply, page: Any, following: str | None, asked: Mapping[str, Any]) -> None:
    """Raise `NotLockstep` for cutoffs, the index of a page, that were not asked for, or do not lead on.

    `asked` is the body, and `following` the cutoff with which the next page begins. So no page can come twice.
    """
    cutoffs = page.index
    if cutoffs.empty or not (cutoffs.is_monotonic_increasing and cutoffs.is_unique):
        raise NotLockstep(f"{reply.url} answered a page without cutoffs, or whose cutoffs are not in order")
    begins, ends = (cutoffs[place].isoformat()[:ISO_DATE_LENGTH] for place in (0, -1))
    if asked.get("next", begins) != begins:
        raise NotLockstep(f"{reply.url} answered a page that begins with {begins}, not with {asked['next']}")
    if following is not None and following <= ends:
        raise NotLockstep(f"{reply.url} names {following} as the cutoff that follows {ends}")
    first, last = asked["first"] or begins, asked["last"] or ends
    if begins < first or ends > last:
        raise NotLockstep(f"{reply.url} answered cutoffs from {begins} to {ends}; asked was from {first} to {last}")
