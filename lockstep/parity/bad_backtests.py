"""Backtests that name no cutoffs, each for another reason."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lockstep.data.bars import Bars
from lockstep.data.calendar import NOT_A_SESSION
from lockstep.parity.bad_input import BadBodies, BadInput
from lockstep.parity.bodies import split_frame
from lockstep.parity.draws import Draws
from lockstep.parity.local import BACKTEST
from lockstep.parity.series import SeriesSubject
from lockstep.parity.series_checks import count_sessions_ahead
from lockstep.scoring.kinds import EMPTY, INVALID_INPUT, MALFORMED, MISSING_BARS, TOO_LARGE

LARGEST_COUNT = 2**31 - 1
DAYS = 40


def list_bad_backtests(subject: SeriesSubject, draws: Draws) -> Iterator[BadInput]:
    """Yield each kind of bad backtest."""
    bodies = BadBodies(subject, draws, BACKTEST)
    yield bodies.make("no body", EMPTY, b"")
    yield bodies.make("no step", MALFORMED, bodies.write({}, step_size=0))
    yield bodies.make("no windows", MALFORMED, bodies.write({}, n_windows=-draws.below(10)))
    yield bodies.make("an unknown member", MALFORMED, bodies.write({}, windows=draws.size(10)))
    yield bodies.make("half a frame", MALFORMED, bodies.write({"columns": ["date"]}))
    yield bodies.make("no bars", INVALID_INPUT, bodies.write({"columns": ["date"], "data": []}))
    for what, members in _list_bad_members(subject, draws):
        yield bodies.make(what, INVALID_INPUT, bodies.write(members))
    if subject.limits.max_rows < LARGEST_COUNT:
        too_many = draws.between(subject.limits.max_rows + 1, LARGEST_COUNT)
        yield bodies.make("too long a page", TOO_LARGE, bodies.write({}, max_rows=too_many))
    if (ahead := min(count_sessions_ahead(subject), DAYS)) > 1:
        yield bodies.make(
            "bars behind a gap", MISSING_BARS, bodies.write({"dataframe_split": _skip(subject, draws, ahead)})
        )


def _list_bad_members(subject: SeriesSubject, draws: Draws) -> Iterator[tuple[str, dict[str, Any]]]:
    dates, horizon_bars = subject.forecastable.dates, subject.bundle.manifest.horizon_bars
    place = draws.between(1, dates.size - 1)
    first, last = str(dates[place]), str(dates[draws.below(place)])
    yield "more windows than bars", {"n_windows": draws.between(dates.size + 1, LARGEST_COUNT)}
    yield "more steps than bars", {"n_windows": 2, "step_size": draws.between(dates.size, LARGEST_COUNT)}
    yield "a first cutoff after the last", {"first": first, "last": last}
    yield "a first cutoff and windows", {"first": last, "n_windows": draws.size(10)}
    yield "another horizon", {"h": horizon_bars + draws.size(10)}
    if subject.look_back:
        yield "a cutoff without look-back", {"first": str(subject.bundle.bars.dates[draws.below(subject.look_back)])}
    yield "a page of other cutoffs", {"first": first, "next": last}
    calendar = subject.bundle.calendar
    days = dates[-1] + np.arange(1, DAYS)
    for day in days[calendar.session_numbers(days) == NOT_A_SESSION][:1]:
        yield "a day without a session", {draws.choose(("first", "last", "next")): str(day)}


def _skip(subject: SeriesSubject, draws: Draws, ahead: int) -> dict[str, Any]:
    """Return a bar some sessions after the stored ones."""
    stored, calendar = subject.bundle.bars, subject.bundle.calendar
    newest = int(calendar.session_numbers(stored.dates[-1:])[0])
    later = calendar.session_dates(np.array([newest + draws.between(2, ahead)]))
    return split_frame(Bars(later, stored.select(slice(-1, None)).values))
