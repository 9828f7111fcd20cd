"""Split-conformal intervals: as wide as the errors of test rows were.

Elementwise arithmetic and sorting alone: the same bits on every CPU. (Vovk, Gammerman and Shafer 2005; Lei and others
2018.)
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array

METHOD = "split-conformal"


@dataclass(frozen=True)
class SplitConformal:
    """The absolute errors of test rows, (n,), in ascending order.

    At level p an interval reaches to both sides of the prediction as far as the error at place (n + 1)·p/100. Between
    two errors it reaches as far as the line between them. An interval of a new row like these then holds what comes
    true with a probability of about p percent; it is off by 1 / (n + 1) at most.
    """

    errors: Array

    @classmethod
    def calibrate(cls, y_true: NDArray[Any], y_pred: NDArray[Any]) -> Self:
        """Return the intervals that the rows give, whose numbers are (n,) without NaN."""
        return cls(np.sort(np.abs(np.asarray(y_true, np.float64) - np.asarray(y_pred, np.float64))))

    @property
    def rows(self) -> int:
        """Return from how many rows the intervals are."""
        return self.errors.size

    @property
    def levels(self) -> range:
        """Return the whole percents that so many rows can give; fewer than 99 rows do not give all from 1 to 99."""
        return range(-(-100 // (self.rows + 1)), 100 * self.rows // (self.rows + 1) + 1)

    def find_half_width(self, level: int) -> float:
        """Return how far an interval reaches to either side, for one of `levels`; raise ValueError for another."""
        if level not in self.levels:
            raise ValueError(f"{self.rows} rows give no interval of {level} percent")
        place, rest = divmod((self.rows + 1) * level, 100)
        below, above = self.errors[place - 1], self.errors[min(place, self.rows - 1)]
        return float(below + (rest / 100) * (above - below))

    def find_bounds(self, prediction: NDArray[Any], level: int) -> tuple[Array, Array]:
        """Return the lower and the upper bounds of the intervals of predictions, each (n,) as they are."""
        half_width = self.find_half_width(level)
        return prediction - half_width, prediction + half_width
