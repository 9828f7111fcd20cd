"""Which bars a forecast reads: the posted ones, and before them the stored ones, by session."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import ROW, MissingBars

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Gathered:
    """Bars of consecutive sessions, oldest first, and where in them the posted rows are.

    `positions` (n_posted,) points into `bars`; `answerable` says which posted rows have their whole
    look-back there. A row that is not answerable was posted as look-back for the others.
    """

    bars: Bars
    positions: Numbers
    answerable: Mask


@dataclass(frozen=True)
class History:
    """The stored bars (consecutive sessions of `calendar`, oldest first), which reach back for posted rows."""

    bars: Bars
    calendar: Calendar

    def gather(
        self, posted: Bars, sessions: Numbers, lookback_bars: int, use_stored: bool = True, whole: bool = False
    ) -> Gathered:
        """Return the bars from the first posted row's look-back to the last posted row.

        A posted bar replaces the stored bar of its date. Without `use_stored` the posted bars stand alone:
        the oldest `lookback_bars - 1` sessions of them are look-back, not answerable. With `whole` the look-back
        of every row is all there is: from the first stored bar on, or the first posted one where they stand alone.
        Raises `MissingBars` where a session in the look-back of a row has no bar. `posted` holds sessions only,
        in any order; `sessions` (n_posted,) are their numbers.
        """
        oldest = int(sessions.min()) - (lookback_bars - 1 if use_stored else 0)
        if use_stored and whole:
            oldest = min(oldest, self._oldest_number)
        values = np.empty((len(posted.values), int(sessions.max()) - oldest + 1))
        values.fill(np.nan)
        if use_stored:
            self._copy_stored(values, oldest)
        positions = sessions - oldest
        values[:, positions] = posted.values
        dates = self.calendar.dates_from(oldest, values.shape[1])
        return _locate_rows(Bars(dates, values), positions, lookback_bars, whole)

    def merge(self, posted: Bars, sessions: Numbers) -> "History":
        """Return the stored bars with posted ones in the place of those of their dates, before them or after them.

        `posted` holds sessions only, in any order; `sessions` (n_posted,) are their numbers. Raises `MissingBars` if
        a session between them has no bar.
        """
        oldest = min(self._oldest_number, int(sessions.min()))
        newest = max(self.sessions[-1], int(sessions.max()))
        values = np.full((len(posted.values), newest - oldest + 1), np.nan)
        self._copy_stored(values, oldest)
        values[:, sessions - oldest] = posted.values
        bars = Bars(self.calendar.dates_from(oldest, values.shape[1]), values)
        missing = bars.dates[np.isnan(bars.close)].astype(str).tolist()
        if missing:
            behind = np.flatnonzero(posted.dates > np.datetime64(missing[0])).tolist()
            gap = f"have a gap: {len(missing)} session(s) from {missing[0]} to {missing[-1]}"
            in_file = f"the bars of the file and the stored ones {gap}; add them to the file"
            raise MissingBars(f"the posted and the stored bars {gap}", behind, missing, len(missing), in_file)
        return replace(self, bars=bars)

    def count_replaced(self, posted: Bars, sessions: Numbers) -> int:
        """Return how many posted bars have the date of a stored bar, but other values."""
        places = sessions - self._oldest_number
        known = np.flatnonzero((places >= 0) & (places < len(self.bars)))
        return int((self.bars.values[:, places[known]] != posted.values[:, known]).any(axis=0).sum())

    def close_before(self, sessions: Numbers) -> float | None:
        """Return the stored close of the session before the oldest of `sessions`, None if it is not stored."""
        place = int(sessions.min()) - 1 - self._oldest_number
        return float(self.bars.close[place]) if 0 <= place < len(self.bars) else None

    @property
    def sessions(self) -> range:
        """Return the numbers of the stored sessions."""
        return range(self._oldest_number, self._oldest_number + len(self.bars))

    @cached_property
    def _oldest_number(self) -> int:
        return int(self.calendar.session_numbers(self.bars.dates[:1])[0])

    def _copy_stored(self, values: NDArray[np.float64], oldest: int) -> None:
        """Copy the stored bars into `values`, whose first column is the session numbered `oldest`."""
        stored_oldest = self._oldest_number
        start = max(oldest, stored_oldest)
        stop = min(oldest + values.shape[1], stored_oldest + len(self.bars))
        if start < stop:
            stored = self.bars.values[:, start - stored_oldest : stop - stored_oldest]
            values[:, start - oldest : stop - oldest] = stored


def _locate_rows(bars: Bars, positions: Numbers, lookback_bars: int, whole: bool) -> Gathered:
    answerable = positions >= lookback_bars - 1
    missing = np.isnan(bars.close)
    if missing.any():
        places = np.arange(missing.size)
        # up to each place, the newest session without a bar; a look-back that holds it is broken
        last_gap = np.maximum.accumulate(np.where(missing, places, -1))
        before = np.full_like(positions, -1) if whole else positions - lookback_bars
        broken = answerable & (last_gap[positions] > before)
        if broken.any():
            raise _describe_gap(bars, positions, broken, before)
    if not answerable.any():
        needs = f"a forecast needs {lookback_bars} bars of consecutive sessions"
        reason = f"{needs}, posted: {len(positions)}; post more, or let the stored bars reach back"
        in_file = f"{needs}, and the file has {len(positions)}; add older ones to the file"
        raise MissingBars(reason, range(len(positions)), [], lookback_bars - len(positions), in_file)
    return Gathered(bars, positions, answerable)


def _describe_gap(bars: Bars, positions: Numbers, broken: Mask, before: Numbers) -> MissingBars:
    """Return what the first broken row lacks; `before` (n_posted,) is the place before each row's look-back."""
    rows = np.flatnonzero(broken)
    newest, oldest = int(positions[rows[0]]), int(before[rows[0]]) + 1
    window = bars.select(slice(oldest, newest))
    dates = window.dates[np.isnan(window.close)]
    sessions = dates[~np.isnat(dates)].astype(str).tolist()
    unknown = dates.size - len(sessions)
    spans = [f"{len(sessions)} session(s) from {sessions[0]} to {sessions[-1]}"] if sessions else []
    spans += [f"{unknown} session(s) before the calendar starts"] if unknown else []
    n_bars = newest - oldest + 1
    date, needs = bars.dates[newest], f"needs the {n_bars} bars that end in it; no bars for {' and '.join(spans)}"
    in_file = f"the forecast of {date} {needs}; add them to the file"
    return MissingBars(f"row {ROW} ({date}) {needs}", rows.tolist(), sessions, dates.size, in_file)
