"""Which cutoffs a backtest is of, and which of them are on a page: a cutoff is the bar that a forecast starts from."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from lockstep.data.calendar import NOT_A_SESSION
from lockstep.errors import InvalidInput, Problem
from lockstep.predict.history import History, Numbers

FIRST, LAST, N_WINDOWS, NEXT = "first", "last", "n_windows", "next"


@dataclass(frozen=True)
class Windows:
    """The cutoffs that a caller names: from `first` to `last`, or the newest `n_windows`, every `step_size` bars.

    None leaves the choice to the service: from the first test row to the newest bar. The page of `next` is answered, or
    without one the first.
    """

    first: date | None = None
    last: date | None = None
    n_windows: int | None = None
    step_size: int = 1
    next: date | None = None


@dataclass(frozen=True)
class Known:
    """The bars that a backtest may read: how many a forecast needs, and where the first test row is."""

    history: History
    lookback_bars: int
    first_tested: date

    @property
    def cutoffs(self) -> range:
        """Return the numbers of the sessions that can be forecast from."""
        return self.history.sessions[self.lookback_bars - 1 :]

    def number(self, member: str, day: date) -> int:
        """Return the number of a session that can be forecast from; raise `InvalidInput`."""
        calendar, asked = self.history.calendar, np.array([day], "datetime64[D]")
        number = int(calendar.session_numbers(asked)[0])
        if number == NOT_A_SESSION:
            near = calendar.first_session_from(asked[0])
            nearest = self.describe() if np.isnat(near) else f"the next one is {near}"
            raise refuse(member, f"{day} is not a session of the calendar {calendar.name}; {nearest}")
        if number not in self.cutoffs:
            raise refuse(member, f"{day} cannot be forecast from: {self.describe()}. A frame may bring more bars")
        return number

    def describe(self) -> str:
        """Return which bars can be forecast from."""
        dates = self.history.calendar.session_dates(np.array([self.cutoffs[0], self.cutoffs[-1]]))
        return f"the bars from {dates[0]} to {dates[1]} have the {self.lookback_bars} bars that a forecast reads"


def choose_cutoffs(asked: Windows, known: Known) -> Numbers:
    """Return the numbers of the sessions that are asked for, oldest first, at least one; raise `InvalidInput`.

    Steps are counted from the first cutoff on, or if their number is given, back from the last.
    """
    last = known.cutoffs[-1] if asked.last is None else known.number(LAST, asked.last)
    if asked.n_windows is None:
        first = known.number(FIRST, asked.first or known.first_tested)
        if first > last:
            raise _refuse_order(asked, known, last)
    else:
        first = _step_back(asked, asked.n_windows, known, last)
    return np.array(range(first, last + 1, asked.step_size), np.int64)


def _step_back(asked: Windows, n_windows: int, known: Known, last: int) -> int:
    if asked.first is not None:
        raise refuse(N_WINDOWS, f"expected `{FIRST}` or `{N_WINDOWS}`, not both")
    most = (last - known.cutoffs[0]) // asked.step_size + 1
    if n_windows > most:
        reason = f"{n_windows} cutoffs; at a `step_size` of {asked.step_size} there are {most}: {known.describe()}"
        raise refuse(N_WINDOWS, reason)
    return last - (n_windows - 1) * asked.step_size


def _refuse_order(asked: Windows, known: Known, last: int) -> InvalidInput:
    newest = known.history.calendar.session_dates(np.array([last]))[0]
    first = asked.first or f"{known.first_tested}, the first test row, which is the default,"
    return refuse(FIRST, f"{first} is after `{LAST}`, {newest}")


def choose_page(asked: Windows, known: Known, cutoffs: Numbers, max_rows: int) -> slice:
    """Return the places of at most `max_rows` cutoffs; raise `InvalidInput` if `asked.next` is none of them."""
    start = 0
    if asked.next is not None:
        [found] = np.nonzero(cutoffs == known.number(NEXT, asked.next))
        if not found.size:
            reason = f"{asked.next} is no cutoff of this request: send all other members as for the page before"
            raise refuse(NEXT, reason)
        start = int(found[0])
    return slice(start, min(start + max_rows, cutoffs.size))


def refuse(member: str, reason: str) -> InvalidInput:
    """Return the refusal of a member of the body."""
    return InvalidInput([Problem(None, member, reason)])
