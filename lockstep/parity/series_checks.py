"""How the requests of the checks of a series are drawn: bars before, beside and after those that are judged."""

from dataclasses import replace

import numpy as np

from lockstep.data.bars import Bars
from lockstep.parity.asking import Requests
from lockstep.parity.draws import Draws
from lockstep.parity.forms import DATES
from lockstep.parity.posted import Posted
from lockstep.parity.rows_checks import DIGESTS, compare_moved, draw_old
from lockstep.parity.series import SeriesSubject, change_bars, draw_piece
from lockstep.parity.spelling import CUT, EXACT
from lockstep.parity.wish import EVALUATED, Wish

N_STATELESS, N_CAUSAL, N_SENSITIVE, N_HISTORY, N_FRESH = 8, 24, 36, 40, 64
LOOK_BACK_CHANGED = 30
ALONE_AT_MOST = 64
SPELLS = (*EXACT, *CUT)
"""Each with each form of dates, on both routes, is what `wire` posts."""


def draw_alone(subject: SeriesSubject, draws: Draws) -> Posted:
    """Return evaluation rows with their look-back, without the stored history: first all of them, then some."""
    rows = len(subject.tested)
    newest = 0
    if draws.origin.number:
        rows = draws.size(rows)
        newest = draws.below(len(subject.tested) - rows + 1)
    bars = subject.bundle.bars
    stop = len(bars) - newest
    alone = bars.select(slice(stop - rows - subject.look_back, stop))
    return subject.write(alone, draws, replace(EVALUATED, history="none", keeps_order=not draws.origin.number))


def draw_causal(subject: SeriesSubject, draws: Draws) -> Posted:
    """Return an evaluation row with other bars than the stored ones after it; first the newest row."""
    newest = len(subject.tested) - 1
    row = draws.below(newest) if draws.origin.number and newest else newest
    bars = subject.tested.select(slice(row, row + draws.size(newest + 1 - row)))
    altered = change_bars(bars, draws)
    altered.values[:, 0] = bars.values[:, 0]
    return subject.write(altered, draws, EVALUATED)


def draw_changed(subject: SeriesSubject, draws: Draws) -> Posted:
    """Return changed bars: all evaluation rows, the same without history, then pieces, and rows whose look-back is."""
    number, tested = draws.origin.number, subject.tested
    if number == 0:
        return _change(subject, tested, draws, Wish(traces=DIGESTS))
    if number == 1:
        posted = len(tested) + subject.look_back
        return _change(subject, subject.bundle.bars.select(slice(-posted, None)), draws, Wish(history="none"))
    if number % 2:
        return _change(subject, draw_piece(tested, draws, ALONE_AT_MOST), draws, Wish())
    row = draws.below(len(tested))
    bars = tested.select(slice(max(0, row - LOOK_BACK_CHANGED), row + 1))
    altered = change_bars(bars, draws)
    altered.values[:, -1] = bars.values[:, -1]
    return subject.write(altered, draws, Wish(keeps_order=True, before=bars))


def _change(subject: SeriesSubject, bars: Bars, draws: Draws, wish: Wish) -> Posted:
    return subject.write(change_bars(bars, draws), draws, replace(wish, keeps_order=True, before=bars))


def draw_history(subject: SeriesSubject, draws: Draws) -> Posted:
    """Return stored bars: first all that have their look-back, then pieces of any time, as they are or changed."""
    if draws.origin.number:
        return draw_old(subject, draws)
    return subject.write(subject.forecastable.select(slice(-subject.max_rows, None)), draws)


def draw_fresh(subject: SeriesSubject, draws: Draws) -> Posted:
    """Return bars of the sessions after the stored history, alone or behind stored ones.

    This is what the service is asked every day. As far as the calendar goes, there may be many of them.
    """
    fresh = draw_new_bars(subject, draws)
    stored = subject.bundle.bars
    room = min(len(stored), subject.max_rows - len(fresh))
    is_alone = draws.chance(5) and room > subject.look_back
    if not is_alone and (draws.chance(2) or room < 1):
        return subject.write(fresh, draws)
    size = subject.look_back + draws.size(room - subject.look_back) if is_alone else draws.size(room)
    before = stored.select(slice(len(stored) - size, None))
    if draws.chance(3):
        before = change_bars(before, draws)
    if not is_alone and draws.chance(3):
        before = before.select(np.sort(draws.permute(size)[: draws.size(size)]))
    bars = Bars(np.concatenate([before.dates, fresh.dates]), np.concatenate([before.values, fresh.values], axis=1))
    return subject.write(bars, draws, Wish(history="none" if is_alone else "stored"))


def draw_new_bars(subject: SeriesSubject, draws: Draws) -> Bars:
    """Return bars of one or many sessions after the stored history, oldest first; in the first request of all."""
    stored, calendar = subject.bundle.bars, subject.bundle.calendar
    first = calendar.n_sessions - count_sessions_ahead(subject)
    most = min(calendar.n_sessions - first, subject.max_rows)
    size = draws.size(most) if draws.origin.number else most
    recent = stored.select(np.arange(-size, 0) % len(stored))
    return Bars(calendar.session_dates(np.arange(first, first + size)), change_bars(recent, draws).values)


def count_sessions_ahead(subject: SeriesSubject) -> int:
    """Return how many sessions the calendar has after the stored history."""
    calendar = subject.bundle.calendar
    return calendar.n_sessions - 1 - int(calendar.session_numbers(subject.bundle.bars.dates[-1:])[0])


def count_fresh(subject: SeriesSubject) -> int:
    """Return how many requests post new bars: none if the calendar ends with the stored ones."""
    return N_FRESH if count_sessions_ahead(subject) else 0


def count_forms(subject: SeriesSubject) -> int:
    """Return how many requests it takes to post every form."""
    return len(DATES) * len(SPELLS) * len(subject.paths)


def draw_form_of_all(subject: SeriesSubject, draws: Draws) -> Posted:
    """Return bars in the forms of dates and numbers that are next, so that none is left out."""
    number = draws.origin.number
    dates, spell = DATES[number % len(DATES)], SPELLS[number // len(DATES) % len(SPELLS)]
    path = subject.paths[number // (len(DATES) * len(SPELLS)) % len(subject.paths)]
    return subject.write(subject.draw_old(draws), draws, Wish(paths=(path,), dates=dates, spell=spell))


STATELESS = Requests("stateless", draw_alone, N_STATELESS)
CAUSAL = Requests("causal", draw_causal, N_CAUSAL)
SENSITIVE = Requests("sensitive", draw_changed, N_SENSITIVE, compare_moved)
HISTORY = Requests("history", draw_history, N_HISTORY)
FRESH = Requests("fresh", draw_fresh, count_fresh)
WIRE = Requests("wire", draw_form_of_all, count_forms)
