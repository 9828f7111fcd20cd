"""The rows that a model may learn from, and what is fitted on them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from msgspec import UNSET
from sklearn.base import BaseEstimator

from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.scores import NO_CHANGE
from lockstep.bundles.targets import Targets, is_labels
from lockstep.bundles.windows import find_learning_rows
from lockstep.data.bars import Array, Bars
from lockstep.errors import InvalidFeatures, TrainingError
from lockstep.features import building
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.features.sources import describe_raised
from lockstep.training.estimators import CLASSIFIER, REGRESSOR, Kind, fit_estimator
from lockstep.training.recipe import Recipe
from lockstep.training.split import Split, split_rows
from lockstep.training.target import Target


@dataclass(frozen=True)
class LearningRows:
    """What a model may learn from: features (n, n_features) and targets (n,), oldest first.

    `horizon_bars` is how many bars ahead of its row a target reads.
    """

    bars: Bars
    features: Array
    targets: Targets
    horizon_bars: int = 1

    @property
    def kind(self) -> Kind:
        """Return what learns such targets."""
        return find_kind(self.targets)

    def select(self, rows: slice) -> "LearningRows":
        """Return some of the rows."""
        return LearningRows(self.bars.select(rows), self.features[rows], self.targets[rows], self.horizon_bars)


def find_kind(targets: Targets) -> Kind:
    """Return what learns targets: a classifier labels, a regressor numbers."""
    return CLASSIFIER if is_labels(targets) else REGRESSOR


Fitted = tuple[BaseEstimator | None, BaseEstimator]
"""A scaler, if there is one, and a model, both fitted."""

Fit = Callable[[LearningRows, Recipe], Fitted]


def build_learning_rows(bars: Bars, recipe: Recipe) -> LearningRows:
    """Return the learning rows of a recipe; raise `TrainingError` for too few bars."""
    split = split_bars(bars, recipe)
    return select_learning_rows(bars, build_features(recipe.feature_set, bars), split, recipe.target)


def split_bars(bars: Bars, recipe: Recipe) -> Split:
    """Return which bars are learning rows, and how many are test rows; see `split_rows`."""
    lookback_bars = recipe.feature_set.features.lookback_bars
    return split_rows(len(bars), lookback_bars, recipe.target.horizon_bars, recipe.test_rows)


def select_learning_rows(bars: Bars, features: Array, split: Split, target: Target) -> LearningRows:
    """Return the learning rows of a split; `features` are those of all bars, (n_bars, n_features)."""
    rows = split.learning
    targets = target.build_learning(bars, rows)
    return LearningRows(bars.select(rows), features[rows], targets, target.horizon_bars)


def rebuild_learning_targets(manifest: SeriesManifest, bars: Bars, target: Target) -> Targets:
    """Return the targets of a bundle's learning rows."""
    lookback_bars = manifest.feature_set.lookback_bars
    rows = find_learning_rows(len(bars), lookback_bars, manifest.horizon_bars, manifest.test.rows)
    return target.build_learning(bars, rows)


def build_features(named: NamedFeatureSet, bars: Bars) -> Array:
    """Return the features of all bars, float64 (n_bars, n_columns).

    Raises `TrainingError` if the set raises, or returns anything else, NaN where the look-back is full included.
    """
    features = named.features
    try:
        built = building.build_features(features, bars)
    except InvalidFeatures as error:
        raise TrainingError(f"the feature set {named.name} {error}") from error
    except Exception as error:  # a user's code may raise anything
        raise TrainingError(f"the feature set {named.name} raised {describe_raised(error)}") from error
    odd = np.argwhere(~np.isfinite(built[features.lookback_bars - 1 :]))
    if odd.size:
        row, column = odd[0] + (features.lookback_bars - 1, 0)
        raise TrainingError(
            f"the feature set {named.name} returned {built[row, column]} for {features.columns[column]} on "
            f"{bars.dates[row]}, where its look-back of {features.lookback_bars} bars is full; raise lookback_bars, "
            "or give the feature a value there"
        )
    return built


def fit_model(learning: LearningRows, recipe: Recipe) -> Fitted:
    """Return the scaler and the model of a recipe, fitted on all learning rows; raise `TrainingError`."""
    return fit_rows(learning.features, learning.targets, recipe)


def fit_rows(features: Array, targets: Targets, recipe: Recipe) -> Fitted:
    """Return the scaler and the model of a recipe, fitted on rows; raise `TrainingError`."""
    unfitted = recipe.make(find_kind(targets))
    if recipe.selection is not UNSET:
        targets = shrink_returns(targets, recipe.shrinkage)
    if unfitted.scaler is None:
        return None, fit_estimator(unfitted.model, features, targets)
    scaler = fit_estimator(unfitted.scaler, features, None)
    return scaler, fit_estimator(unfitted.model, scaler.transform(features), targets)


def shrink_returns(returns: Array, shrinkage: float) -> Array:
    """Return gross returns, (n,), realised or forecast, moved towards no change: 1 + λ (return - 1)."""
    return NO_CHANGE + shrinkage * (returns - NO_CHANGE)
