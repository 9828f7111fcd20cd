"""What a manifest states of the intervals of a series; `lockstep.bundles.scoring_intervals` computes it."""

import msgspec
from msgspec import UNSET, UnsetType


class WorstStretch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The dates of the first and the last of the consecutive rows that were covered least, how many, and how often."""

    first: str
    last: str
    rows: int
    coverage: float


class LevelScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the intervals of one level, in percent, are worth; lengths are in gross return.

    By chance alone the coverage lies in `chance` in 95 of 100 cases; None if that is not known. `below` and `above` are
    the shares of rows that came true outside. `terciles` are the coverages of the thirds of the rows: those with the
    smallest scales, the middle and the largest. `to_split_conformal` and `to_gaussian_ewma` are the Winkler score over
    that of simpler intervals, left out if there are none.
    """

    level: int
    coverage: float
    chance: tuple[float, float] | None
    below: float
    above: float
    mean_width: float
    winkler_score: float
    worst: WorstStretch
    terciles: list[float]
    to_split_conformal: float | UnsetType = UNSET
    to_gaussian_ewma: float | UnsetType = UNSET

    @property
    def is_beyond_chance(self) -> bool:
        """Return whether the coverage is outside of what chance allows; false if that is not known."""
        return self.chance is not None and not self.chance[0] <= self.coverage <= self.chance[1]


class IntervalScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the intervals of a series are worth on the test rows that came true, by level.

    `wis` is the weighted interval score of all levels. `scale_r2` and `ewma_r2` are the R² of the interval's scale,
    and of an exponential mean of squared returns, as forecasts of how far the price moves.
    """

    levels: list[LevelScores]
    wis: float
    scale_r2: float
    ewma_r2: float
