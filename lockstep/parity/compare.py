"""Compare what was evaluated with what a service answered: keys first, then bits.

Pure functions and values. There is no `allclose` here: it calls two empty lists equal, and its default
tolerance takes a return of 1e-9 with the wrong sign for the right one.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lockstep.data.bars import Bars
from lockstep.data.bits import same_bits, ulp_distance

TOLERANT_ULP = 4
TOLERANCE = 1e-9
"""Relative; only named in reports, never a reason to pass."""


@dataclass(frozen=True)
class Difference:
    """One date whose two values are not the same 64 bits."""

    date: str
    expected: float
    answered: float | None

    @property
    def ulp(self) -> int | None:
        """Return how many float64 lie between the two, None where one is no finite number."""
        return None if self.answered is None else ulp_distance(self.expected, self.answered)

    @property
    def relative(self) -> float:
        """Return how far apart the two are, relative to the larger; infinite where one is no finite number."""
        if self.answered is None or self.ulp is None:
            return math.inf
        return abs(self.expected - self.answered) / max(abs(self.expected), abs(self.answered))

    def __str__(self) -> str:
        answered = "null" if self.answered is None else f"{self.answered!r} ({self.answered.hex()})"
        distance = "" if self.ulp is None else f", {self.ulp} ULP apart"
        return f"{self.date}: expected {self.expected!r} ({self.expected.hex()}), served {answered}{distance}"


@dataclass(frozen=True)
class Divergence:
    """One date and the first stage of its forecast whose digests differ."""

    date: str
    stage: str

    def __str__(self) -> str:
        return f"{self.date}: first differs in the stage {self.stage}"


@dataclass(frozen=True)
class Posted:
    """What was posted, and whether its bars were `changed` from the stored ones.

    Where there is `only`, the answers of other dates than its own are not judged.
    """

    bars: Bars
    history: Literal["stored", "none"] = "stored"
    only: Bars | None = None
    changed: bool = False


@dataclass(frozen=True)
class Comparison:
    """The outcome of comparing answers by date.

    `faults` are findings that are no difference of values; `divergences` the stages of the forecast that differ;
    `answers` are the values answered by date; `leaves` the nodes of the tree that the expected predictions are from;
    `posted` is there where something was found.
    """

    compared: int
    answers: Mapping[str, float | None] = field(default_factory=dict)
    distinct: frozenset[float | None] = frozenset()
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    faults: tuple[str, ...] = ()
    divergences: tuple[Divergence, ...] = ()
    leaves: frozenset[int] = frozenset()
    posted: Posted | None = None

    @property
    def findings(self) -> list[str]:
        """Return what is wrong, one line each; nothing where every date was answered once, with the same bits."""
        lines = [*self.faults, *map(str, self.differences), *map(str, self.divergences)]
        for dates, meaning in (
            (self.missing, "was posted and not answered"),
            (self.unexpected, "was answered and not posted"),
            (self.repeated, "was answered more than once"),
        ):
            lines += [f"{date} {meaning}" for date in dates]
        return lines

    @property
    def level(self) -> str:
        """Return the tightest level that holds for what was compared.

        `bits`, `ulp<=4`, `tolerance<=1e-09` (relative), `different`, or `bits of predictions only` where the stages
        before them differ.
        """
        if not self.differences:
            return "bits of predictions only" if self.divergences else "bits"
        if all(each.ulp is not None and each.ulp <= TOLERANT_ULP for each in self.differences):
            return f"ulp<={TOLERANT_ULP}"
        within = all(each.relative <= TOLERANCE for each in self.differences)
        return f"tolerance<={TOLERANCE}" if within else "different"


def compare_answers(
    expected: Mapping[str, float], dates: Sequence[str], answered: Sequence[float | None]
) -> Comparison:
    """Return the comparison of the values answered for `dates` with those expected, by date."""
    counts = Counter(dates)
    values = dict(zip(dates, answered, strict=True))
    common = [date for date in expected if date in values]
    return Comparison(
        compared=len(common),
        answers={date: values[date] for date in common},
        distinct=frozenset(values[date] for date in common),
        missing=tuple(date for date in expected if date not in values),
        unexpected=tuple(date for date in values if date not in expected),
        repeated=tuple(date for date, count in counts.items() if count > 1),
        differences=tuple(
            Difference(date, expected[date], values[date]) for date in common if _differs(expected[date], values[date])
        ),
    )


def _differs(expected: float, answered: float | None) -> bool:
    return answered is None or not same_bits(expected, float(answered))


def merge_comparisons(parts: Sequence[Comparison]) -> Comparison:
    """Return one comparison of many requests; where the parts' dates overlap, the first part's answer is kept."""
    return Comparison(
        compared=sum(part.compared for part in parts),
        answers={date: value for part in reversed(parts) for date, value in part.answers.items()},
        distinct=frozenset().union(*(part.distinct for part in parts)),
        missing=tuple(date for part in parts for date in part.missing),
        unexpected=tuple(date for part in parts for date in part.unexpected),
        repeated=tuple(date for part in parts for date in part.repeated),
        differences=tuple(difference for part in parts for difference in part.differences),
        faults=tuple(fault for part in parts for fault in part.faults),
        divergences=tuple(divergence for part in parts for divergence in part.divergences),
        leaves=frozenset().union(*(part.leaves for part in parts)),
        posted=next((part.posted for part in parts if part.posted is not None), None),
    )
