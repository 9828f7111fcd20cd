"""The checks that only a series has: each posts bars beside, before or after those that are judged."""

from dataclasses import replace

import numpy as np

from lockstep.data.bars import Bars
from lockstep.parity.compare import Comparison, merge_comparisons
from lockstep.parity.rows_checks import SINGLE_ROWS, check_sensitive
from lockstep.parity.series import SeriesSubject, change_bars

LOOK_BACK_CHANGED = 30
FRESH_ROWS = 12


def check_stateless(subject: SeriesSubject) -> Comparison:
    """Compare all evaluation rows, posted with their look-back and without the stored history."""
    return subject.compare(subject.with_look_back(), history="none")


def check_causal(subject: SeriesSubject) -> Comparison:
    """Compare the row at t with every row after it replaced by seeded random bars, for many t."""
    rng, parts = subject.random(), []
    for row in subject.draw_rows(SINGLE_ROWS).tolist():
        bars = subject.tested.select(slice(row, None))
        altered = change_bars(bars, rng)
        altered.values[:, 0] = bars.values[:, 0]
        parts.append(subject.compare(altered, only=bars.select(slice(1))))  # whose own window is as it was
    return merge_comparisons(parts)


def check_sensitive_bars(subject: SeriesSubject) -> Comparison:
    """Compare rows with changed prices and volumes, then rows with a changed look-back, then all without history.

    See `check_sensitive` for what counts.
    """
    rng, parts = subject.random(), [check_sensitive(subject)]
    for row in subject.draw_rows(SINGLE_ROWS).tolist():
        bars = subject.tested.select(slice(max(0, row - LOOK_BACK_CHANGED), row + 1))
        altered = change_bars(bars, rng)
        altered.values[:, -1] = bars.values[:, -1]
        parts.append(replace(subject.compare(altered, changed=True), compared=0))
    alone = change_bars(subject.with_look_back(), rng)
    parts.append(replace(subject.compare(alone, history="none", changed=True), compared=0))
    return merge_comparisons(parts)


def check_fresh(subject: SeriesSubject) -> Comparison:
    """Compare bars of the sessions after the stored history, posted alone: what the service is asked every day."""
    stored, calendar = subject.bundle.bars, subject.bundle.calendar
    first = int(calendar.session_numbers(stored.dates[-1:])[0]) + 1
    dates = calendar.session_dates(np.arange(first, min(first + FRESH_ROWS, calendar.n_sessions)))
    rng, parts = subject.random(), []
    for size in (*range(1, len(dates)), len(dates)):
        recent = stored.select(slice(-size, None))
        fresh = Bars(dates[:size], change_bars(recent, rng).values)
        parts.append(subject.compare_routes(fresh, changed=True))
    return merge_comparisons(parts)
