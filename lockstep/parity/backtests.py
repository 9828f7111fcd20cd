"""How backtests are drawn: which cutoffs, by which members of the body, over which bars, and in how many pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Bars
from lockstep.parity.bodies import split_frame
from lockstep.parity.callers import draw_headers
from lockstep.parity.draws import Draws
from lockstep.parity.local import BACKTEST
from lockstep.parity.options import draw_levels, draw_names
from lockstep.parity.posted import Posted, Sent
from lockstep.parity.series import SeriesSubject, change_bars, draw_piece
from lockstep.parity.series_checks import count_sessions_ahead, draw_new_bars
from lockstep.predict.intervals import Levels

MOST_STEP, MOST_PAGES, MOST_POSTED = 64, 4, 256
BY_DEFAULT, IN_PAGES, WITH_NEW, CHANGED = range(4)
"""The first requests: the whole evaluation, all that can be forecast in some pages, the evaluation with new bars after
it, and with other bars in it."""


@dataclass(frozen=True)
class Backtest:
    """A backtest: what its body says, the bars it posts, if any, and the cutoffs that it therefore names.

    `known` are the stored bars and the posted ones, oldest first, of which `places` (n,) are the cutoffs.
    """

    members: dict[str, Any]
    headers: dict[str, str | None]
    posted: Bars | None
    known: Bars
    places: NDArray[np.intp]
    page_rows: int
    levels: Levels | None

    @property
    def keys(self) -> list[str]:
        """Return the dates of the cutoffs."""
        return self.known.dates[self.places].astype(str).tolist()

    def list_rows(self, max_rows: int) -> Iterator[Bars]:
        """Yield the bars that forecasts of the cutoffs need to be posted, oldest first: those of the body with them."""
        cutoffs, others = self.known.select(self.places), self.posted
        size = max_rows - (0 if others is None else len(others))
        for start in range(0, len(cutoffs), size):
            some = cutoffs.select(slice(start, start + size))
            yield some if others is None else merge_bars(some, others)

    @property
    def as_posted(self) -> Posted:
        """Return the request that forecasts all the cutoffs: rows as they were evaluated have to be answered alike."""
        [rows] = self.list_rows(len(self.known) + len(self.places))
        return Posted(rows, next(self.list_pages()), is_anchored=True)

    def list_pages(self) -> Iterator[Sent]:
        """Yield the request of each page."""
        for start in range(0, len(self.places), self.page_rows):
            following = {"next": self.keys[start]} if start else {}
            body = msgspec.json.encode({**self.members, **following})
            yield Sent(BACKTEST, body, headers=self.headers, levels=self.levels)


def draw_backtest(subject: SeriesSubject, draws: Draws) -> Backtest:
    """Return a backtest: the whole evaluation in some ways, then any."""
    number, stored = draws.origin.number, subject.bundle.bars
    posted = draw_posted(subject, draws)
    known = stored if posted is None else merge_bars(stored, posted)
    places, named = np.arange(len(stored) - len(subject.tested), len(known)), dict[str, Any]()
    if number == IN_PAGES:
        places = np.arange(max(subject.look_back, len(stored) - subject.max_rows), len(stored))
        named["first"] = str(stored.dates[places[0]])
    elif number > CHANGED:
        places, named = _draw_cutoffs(subject, known, draws)
    page_rows = subject.limits.max_rows
    if number == IN_PAGES or (number > CHANGED and draws.chance(2)):
        page_rows = min(page_rows, -(-len(places) // draws.between(2, MOST_PAGES)))
        named["max_rows"] = page_rows
    if posted is not None:
        frame = split_frame(posted)
        named |= {"dataframe_split": frame} if draws.chance(2) else frame
    if (levels := draw_levels(subject.bundle, draws)) is not None:
        named["level"] = levels
    members = {**named, **draw_names(subject, draws)}
    return Backtest(members, draw_headers(draws), posted, known, places, page_rows, levels)


def _draw_cutoffs(subject: SeriesSubject, known: Bars, draws: Draws) -> tuple[NDArray[np.intp], dict[str, Any]]:
    """Return the places of cutoffs, and members that name them."""
    newest, oldest = len(known) - 1, subject.look_back
    step = draws.size(MOST_STEP) if draws.chance(2) else 1
    last = newest if draws.chance(3) else draws.between(oldest, newest)
    count = draws.size(min((last - oldest) // step + 1, subject.max_rows))
    first = last - (count - 1) * step
    members: dict[str, Any] = {"step_size": step} if step > 1 or draws.chance(3) else {}
    if draws.chance(2):
        members["n_windows"] = count
    else:
        members["first"] = str(known.dates[first])
        last = min(last + draws.below(step), newest)  # the step after `count` leads beyond it
    if last < newest or draws.chance(2):
        members["last"] = str(known.dates[last])
    if draws.chance(3):
        members["h"] = subject.bundle.manifest.horizon_bars
    return np.arange(first, first + count * step, step), members


def draw_posted(subject: SeriesSubject, draws: Draws) -> Bars | None:
    """Return bars after the stored ones, or stored ones that are changed, or both; or none."""
    number, most = draws.origin.number, min(MOST_POSTED, subject.max_rows // 2)
    if not most or number < WITH_NEW or (number > CHANGED and draws.chance(2)):
        return None
    if number == CHANGED:
        return change_bars(subject.tested.select(slice(-most, None)), draws)
    fresh = draw_new_bars(subject, draws).select(slice(most)) if count_sessions_ahead(subject) else None
    if fresh is not None and (number == WITH_NEW or draws.chance(2)):
        return fresh.select(draws.permute(len(fresh)))
    if draws.chance(2):
        fresh = None
    changed = change_bars(draw_piece(subject.forecastable, draws, most), draws)
    return changed if fresh is None else merge_bars(changed, fresh)


def merge_bars(bars: Bars, others: Bars) -> Bars:
    """Return the bars of both, oldest first; of two of a date the other one."""
    kept = bars.select(np.flatnonzero(~np.isin(bars.dates, others.dates)))
    values = np.concatenate([kept.values, others.values], axis=1)
    return Bars(np.concatenate([kept.dates, others.dates]), values).oldest_first()
