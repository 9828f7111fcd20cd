"""Features outside the range that the learning rows had: the model has seen nothing like them."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from lockstep.data.bars import Array

MAX_WORST = 3


class OutsideFeature(msgspec.Struct, frozen=True):
    """A feature, the share of new rows in which it is out of range, its learned range, and its range in those rows."""

    name: str
    share: float
    learned: tuple[float, float]
    new: tuple[float, float]


class Outside(msgspec.Struct, frozen=True):
    """The share of rows with a feature outside the learned range, and the features that are so most often."""

    rows: int
    share: float
    evaluated_share: float | None
    worst: list[OutsideFeature]


@dataclass(frozen=True)
class LearnedRanges:
    """The names of features, and the smallest and the largest value of each in the learning rows, (n_features,)."""

    names: Sequence[str]
    smallest: Array
    largest: Array

    def share_outside(self, features: Array) -> float:
        """Return the share of rows (n, n_features) with a feature out of range."""
        return float(np.mean(self._is_outside(features).any(axis=1)))

    def list_worst(self, features: Array) -> list[OutsideFeature]:
        """Return the features that are out of range most often, at most `MAX_WORST`; none if none is."""
        shares = np.mean(self._is_outside(features), axis=0)
        places = [place for place in np.argsort(-shares, kind="stable")[:MAX_WORST].tolist() if shares[place] > 0.0]
        return [self._describe(features[:, place], place, float(shares[place])) for place in places]

    def _is_outside(self, features: Array) -> np.ndarray:
        return np.asarray((features < self.smallest) | (features > self.largest))

    def _describe(self, values: Array, place: int, share: float) -> OutsideFeature:
        learned = (float(self.smallest[place]), float(self.largest[place]))
        return OutsideFeature(self.names[place], share, learned, (float(values.min()), float(values.max())))


def learn_ranges(names: Sequence[str], features: Array) -> LearnedRanges:
    """Return the ranges of the learning rows, (n, n_features), at least one."""
    return LearnedRanges(names, features.min(axis=0), features.max(axis=0))
