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
from lockstep.predict.model import Model
from lockstep.predict.stages import FEATURES, PREDICTION, Stages


@dataclass(frozen=True)
class Forecast:
    """The stages of the answerable rows, in the order posted.

    `rows` (n,) are their positions as posted. `stages` are arrays by name, one row for each of `rows`, in the order in
    which they follow from each other; see `lockstep.predict.stages`.
    """

    rows: NDArray[np.intp]
    stages: Stages

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
        return Forecast(self.rows[places], {name: values[places] for name, values in self.stages.items()})


class Forecaster:
    """A history, a feature set and a model, which forecast posted bars."""

    def __init__(self, history: History, feature_set: FeatureSet, model: Model) -> None:
        self.history = history
        self.feature_set = feature_set
        self.model = model

    def forecast(self, posted: Bars, use_stored: bool = True, sessions: Numbers | None = None) -> Forecast:
        """Return the forecast of every answerable posted row.

        `posted` holds sessions of the calendar in any order; `sessions` (n_posted,) are their numbers, if the caller
        has them already. Raises `MissingBars`; see `History.gather`.
        """
        needs = self.feature_set
        numbers = self.history.calendar.session_numbers(posted.dates) if sessions is None else sessions
        gathered = self.history.gather(posted, numbers, needs.lookback_bars, use_stored, needs.whole_history)
        rows = np.flatnonzero(gathered.answerable)
        features = self.build_features(gathered.bars)
        return Forecast(rows, self.predict(_pick_rows(features, gathered.positions[rows])))

    def with_history(self, history: History) -> Self:
        """Return a forecaster that is the same but for its stored bars."""
        other = copy.copy(self)
        other.history = history
        return other

    def predict(self, features: Array) -> Stages:
        """Return every stage of features (n, n_features), each row for itself."""
        return {FEATURES: features, **self.model.predict(features)}

    def build_features(self, bars: Bars) -> Array:
        """Return the features of bars of consecutive sessions, (n_bars, n_features); raise `InvalidFeatures`."""
        return building.build_features(self.feature_set, bars)


def _pick_rows(features: Array, positions: Numbers) -> Array:
    """Return the rows at `positions`; without a copy if they follow each other, as most clients post them."""
    first, last = int(positions[0]), int(positions[-1])
    if last - first == positions.size - 1 and (positions[1:] > positions[:-1]).all():
        return features[first : last + 1]
    return features[positions]
