"""From numbers to places on a drawing, and the round numbers that mark an axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lockstep.data.bars import Array

MARGIN = 0.04
"""The share of an axis that stays free beyond the smallest and the largest number."""
MAX_TICKS = 6
MAX_DATES = 5
ROUND_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True)
class Scale:
    """A straight axis: the number at its start and at its end, and how long it is drawn."""

    first: float
    last: float
    length: float

    def place(self, values: Array) -> Array:
        """Return how far along the axis each value lies, 0 … `length` for those within it."""
        return (values - self.first) / (self.last - self.first) * self.length

    def place_one(self, value: float) -> float:
        """Return how far along the axis one value lies."""
        return float(self.place(np.array(value)))

    @property
    def step(self) -> float:
        """Return the distance of the round numbers that mark the axis."""
        return choose_step(abs(self.last - self.first))

    @property
    def ticks(self) -> list[float]:
        """Return the round numbers within the axis, in their order, at most `MAX_TICKS`."""
        low, high = sorted((self.first, self.last))
        return [place * self.step for place in range(math.ceil(low / self.step), math.floor(high / self.step) + 1)]


def choose_step(span: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten of which a span holds less than `MAX_TICKS` - 1."""
    magnitude = 10.0 ** math.floor(math.log10(span / MAX_TICKS))
    return next(step * magnitude for step in ROUND_STEPS if span / (step * magnitude) < MAX_TICKS - 1)


def make_scale(length: float, *values: Array | Sequence[float], is_up: bool = False) -> Scale:
    """Return the axis that shows all the values with some space beside them; with `is_up` it begins at the bottom.

    Values that are all the same lie in its middle.
    """
    every = np.concatenate([np.asarray(each, float).ravel() for each in values])
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    margin = MARGIN * (high - low) or 0.01 * abs(high) or 1.0
    return Scale(high + margin, low - margin, length) if is_up else Scale(low - margin, high + margin, length)


def mark_dates(dates: Sequence[str]) -> list[tuple[int, str]]:
    """Return the places where a year begins and its name, or a month if years are too few; at most `MAX_DATES`."""
    for width in (4, 7):  # of 2013, of 2013-03
        names = [date[:width] for date in dates]
        begins = [place for place in range(1, len(names)) if names[place] != names[place - 1]]
        if len(begins) > 1 or width == 7:
            every = -(-len(begins) // MAX_DATES) or 1
            return [(place, names[place]) for place in begins[::every]]
    return []
