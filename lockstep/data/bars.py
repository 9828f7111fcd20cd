"""Price bars and the one validation that every reader ends in."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import Problem

Array = NDArray[np.float64]
Dates = NDArray[np.datetime64]
Adjusts = Literal["prices", "close"]
"""What an adjusted close adjusts: all four prices, or the close alone, beside raw open, high and low."""

DATE = "date"
PRICE_COLUMNS, VOLUME = ("open", "high", "low", "close"), "volume"
VALUE_COLUMNS = (*PRICE_COLUMNS, VOLUME)
RANGE_TOLERANCE = 1e-6
"""How far, relatively, open and close may lie outside low … high: published prices are rounded."""
SMALLEST_PRICE, LARGEST = 1e-30, 1e30
"""Far beyond any price and volume, and near enough that no window of them overflows a float64."""
TWICE = "is there twice"


@dataclass(frozen=True)
class Bars:
    """Validated bars: `dates` (n,) datetime64[D] without duplicates, `values` (5, n) float64, or (4, n) without volume.

    The rows of `values` are `columns`; prices are above 0, volumes at least 0, all finite, and
    low ≤ open, close ≤ high holds exactly, of the close only where it is adjusted as the others are.
    The order is the reader's: as posted, or oldest first where a function says so.
    """

    dates: Dates
    values: Array

    def __len__(self) -> int:
        return self.dates.size

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the rows of `values`: `VALUE_COLUMNS`, or `PRICE_COLUMNS` if no volume was read."""
        return VALUE_COLUMNS[: len(self.values)]

    @property
    def open(self) -> Array:
        """The first price of the session, (n,)."""
        return self.values[0]

    @property
    def high(self) -> Array:
        """The highest price, (n,)."""
        return self.values[1]

    @property
    def low(self) -> Array:
        """The lowest price, (n,)."""
        return self.values[2]

    @property
    def close(self) -> Array:
        """The last price, (n,)."""
        return self.values[3]

    @property
    def volume(self) -> Array:
        """The number of shares traded, (n,); raise ValueError if no volume was read."""
        if len(self.values) < len(VALUE_COLUMNS):
            raise ValueError("these bars have no volume: the feature set declares reads_volume=False")
        return self.values[4]

    def select(self, rows: slice | NDArray[np.intp]) -> "Bars":
        """Return the bars at `rows`, in that order."""
        return Bars(self.dates[rows], np.ascontiguousarray(self.values[:, rows]))

    def oldest_first(self) -> "Bars":
        """Return the same bars sorted by date."""
        return self.select(np.argsort(self.dates))


def find_duplicate_dates(dates: Dates) -> list[Problem]:
    """Return every repeat of a date of `dates` (n,); NaT is passed over."""
    if (dates[1:] > dates[:-1]).all():  # as most clients post them
        return []
    order = np.argsort(dates, kind="stable")
    ordered = dates[order]
    repeats = order[1:][ordered[1:] == ordered[:-1]]
    return [Problem(int(row), DATE, f"{dates[row]} {TWICE}") for row in np.sort(repeats)]


def within_limits(values: Array, n_prices: int) -> bool:
    """Return whether all of `values` (k, n) are numbers within their limits; the first `n_prices` rows are prices."""
    above = values[:n_prices].min() >= SMALLEST_PRICE and values.min() >= 0.0
    return bool(above and values.max() <= LARGEST)


def in_range(values: Array, adjusts: Adjusts) -> bool:
    """Return whether low … high of every bar holds what it has to hold, up to `RANGE_TOLERANCE`."""
    below, above = _find_outside(values, adjusts)
    return not (below.any() or above.any())


def find_value_problems(values: Array, adjusts: Adjusts) -> list[Problem]:
    """Return what is wrong with `values` (5, n), or (4, n) without volume, passing over NaN."""
    problems = []
    for name, column in zip(VALUE_COLUMNS[: len(values)], values, strict=True):
        problems += find_limit_problems(name, column)
    open_, high, low, close = values[:4]
    with np.errstate(invalid="ignore"):  # NaN stands for a cell reported before, and infinity is refused above
        below, above = _find_outside(values, adjusts)
    for row in np.flatnonzero(below | above):
        held = f"open {open_[row]}" + (f", close {close[row]}" if adjusts == "prices" else "")
        side = "low" if below[row] else "high"
        problems.append(Problem(int(row), side, f"low {low[row]} ≤ {held} ≤ high {high[row]} does not hold"))
    return problems


def find_limit_problems(name: str, column: Array) -> list[Problem]:
    """Return which cells of one column are outside its limits, passing over NaN."""
    if name == VOLUME:
        smallest, expected = 0.0, "a finite number, 0 or more"
    else:
        smallest, expected = SMALLEST_PRICE, "a finite number above 0"
    problems = []
    for row in np.flatnonzero((column < smallest) | (column > LARGEST)):
        is_absurd = 0.0 < column[row] < np.inf
        reason = f"is beyond {SMALLEST_PRICE} … {LARGEST}" if is_absurd else f"is not {expected}"
        problems.append(Problem(int(row), name, f"{column[row]} {reason}"))
    return problems


def widen_ranges(values: Array, adjusts: Adjusts) -> None:
    """Let low and high hold open and close, of which rounding may have left a trace outside.

    `values` is (5, n), or (4, n) without volume. A close that is adjusted alone is left where it is.
    """
    open_, high, low, close = values[:4]
    held = close if adjusts == "prices" else open_
    np.maximum(high, np.maximum(open_, held), out=high)
    np.minimum(low, np.minimum(open_, held), out=low)


def _find_outside(values: Array, adjusts: Adjusts) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return of which bars a price is below low, and of which one is above high, (n,) each."""
    open_, high, low, close = values[:4]
    held = close if adjusts == "prices" else open_
    margin = RANGE_TOLERANCE * held
    return np.minimum(open_, held) < low - margin, np.maximum(open_, held) > high + margin
