"""One value that differs, and one stage that does."""

import math
from dataclasses import dataclass

from lockstep.data.bits import ulp_distance
from lockstep.predict.stages import PREDICTION

Value = bool | int | float | str
"""A number or a label, as JSON writes it."""


@dataclass(frozen=True)
class Difference:
    """One key whose two values of a column are not the same 64 bits, or not the same label."""

    key: str
    expected: Value
    answered: Value | None
    column: str = PREDICTION

    @property
    def ulp(self) -> int | None:
        """Return how many float64 lie between the two, None if one is no finite number."""
        return measure_ulp(self.expected, self.answered)

    @property
    def relative(self) -> float:
        """Return how far apart the two are, relative to the larger; infinite if one is no finite number."""
        if self.ulp is None:
            return math.inf
        expected, answered = float(self.expected), float(self.answered or 0.0)
        largest = max(abs(expected), abs(answered))
        return abs(expected - answered) / largest if largest else 0.0

    def __str__(self) -> str:
        where = self.key if self.column == PREDICTION else f"{self.key}, {self.column}"
        distance = "" if self.ulp is None else f", {self.ulp} ULP apart"
        return f"{where}: expected {_show(self.expected)}, served {_show(self.answered)}{distance}"


@dataclass(frozen=True)
class Divergence:
    """One key and the first stage of its prediction whose digests differ."""

    key: str
    stage: str

    def __str__(self) -> str:
        return f"{self.key}: first differs in the stage {self.stage}"


def measure_ulp(left: Value | None, right: Value | None) -> int | None:
    """Return how many float64 lie between two numbers, None if one is no float, or not finite."""
    return ulp_distance(left, right) if isinstance(left, float) and isinstance(right, float) else None


def _show(value: Value | None) -> str:
    if value is None:
        return "null"
    return f"{value!r} ({value.hex()})" if isinstance(value, float) else repr(value)
