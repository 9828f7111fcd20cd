"""The one way from bars to predictions; training, evaluation, serving and parity all take it."""

import copy
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array, Bars
from lockstep.features import building
from lockstep.features.feature_set import FeatureSet
from lockstep.predict.history import History, Numbers
from lockstep.predict.intervals import UNMEASURED, Levels, Measured, Oddities, RollingInterval
from lockstep.predict.model import Model
from lockstep.predict.stages import FEATURES, PREDICTION, Stages


@dataclass(frozen=True)
class Forecast:
    """The stages of the answerable rows, in the order posted.

    `rows` (n,) are their positions as posted. `stages` are arrays by name, one row for each of `rows`, in the order in
    which they follow from each other; see `lockstep.predict.stages`. `oddities` are what was noticed of the bars while
    their intervals were measured.
    """

    rows: NDArray[np.intp]
    stages: Stages
    oddities: Oddities = UNMEASURED.oddities

    @property
    def features(self) -> Array:
        """Return what the model of a series was fed, (n, n_features)."""
        return self.stages[FEATURES]

    @property
    def prediction(self) -> NDArray[Any]:
        """Return the last stage, (n,)."""
        return self.stages[PREDICTION]

    def select(self, places: NDArray[np.intp]) -> "Forecast":
        """Return the stages of the answered rows at `places`, in that order."""
        stages = {name: values[places] for name, values in self.stages.items()}
        return Forecast(self.rows[places], stages, self.oddities)


class Forecaster:
    """A history, a feature set and a model, which forecast posted bars; and an interval, if the model has one."""

    def __init__(
        self, history: History, feature_set: FeatureSet, model: Model, interval: RollingInterval | None = None
    ) -> None:
        self.history = history
        self.feature_set = feature_set
        self.model = model
        self.interval = interval

    @property
    def lookback_bars(self) -> int:
        """Return how many bars a row needs, its own among them: as many as its features or its interval read."""
        return max(self.feature_set.lookback_bars, self.interval.lookback_bars if self.interval else 0)

    def forecast(
        self, posted: Bars, use_stored: bool = True, sessions: Numbers | None = None, levels: Levels = ()
    ) -> Forecast:
        """Return the forecast of every answerable posted row, with intervals of these levels.

        `posted` holds sessions of the calendar in any order; `sessions` (n_posted,) are their numbers, if the caller
        has them already. Raises `MissingBars`; see `History.gather`.
        """
        numbers = self.history.calendar.session_numbers(posted.dates) if sessions is None else sessions
        whole = self.feature_set.whole_history
        gathered = self.history.gather(posted, numbers, self.lookback_bars, use_stored, whole)
        rows = np.flatnonzero(gathered.answerable)
        places = gathered.positions[rows]
        features = _pick_rows(self.build_features(gathered.bars), places)
        measured = self.measure(gathered.bars, places, levels)
        return Forecast(rows, self.predict(features, measured), measured.oddities)

    def with_history(self, history: History) -> Self:
        """Return a forecaster that is the same but for its stored bars."""
        other = copy.copy(self)
        other.history = history
        return other

    def predict(self, features: Array, measured: Measured = UNMEASURED) -> Stages:
        """Return every stage of features (n, n_features), each row for itself."""
        return {FEATURES: features, **measured.stages, **self.model.predict(features)}

    def measure(self, bars: Bars, places: NDArray[np.intp], levels: Levels) -> Measured:
        """Return what the intervals of the bars at `places` are made of; nothing without levels."""
        if not levels:
            return UNMEASURED
        if self.interval is None:
            raise ValueError("this forecaster has no interval")
        return self.interval.measure(bars, places, levels)

    def build_features(self, bars: Bars) -> Array:
        """Return the features of bars of consecutive sessions, (n_bars, n_features); raise `InvalidFeatures`."""
        return building.build_features(self.feature_set, bars)


def _pick_rows(features: Array, positions: Numbers) -> Array:
    """Return the rows at `positions`; without a copy if they follow each other, as most clients post them."""
    first, last = int(positions[0]), int(positions[-1])
    if last - first == positions.size - 1 and (positions[1:] > positions[:-1]).all():
        return features[first : last + 1]
    return features[positions]
