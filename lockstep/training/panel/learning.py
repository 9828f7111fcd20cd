"""The learning rows of all series together, or so many of them as are drawn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.targets import Targets
from lockstep.data.bars import Array, Bars, Dates
from lockstep.data.panel.sources import BadSeries
from lockstep.errors import TrainingError
from lockstep.training.estimators import SEED
from lockstep.training.learning import Fitted, build_features, fit_rows
from lockstep.training.panel.prices import OnStep, PanelPrices, pass_over, require_series
from lockstep.training.panel.split import PanelSplit
from lockstep.training.recipe import Recipe

DEFAULT_LEARNING_ROWS = 100_000
"""At most so many are learned from: the default model then takes half a gigabyte and about a minute."""


@dataclass(frozen=True)
class PooledRows:
    """What a model learns from: features (n, n_features), targets (n,) and dates (n,), series after series."""

    dates: Dates
    features: Array
    targets: Targets
    horizon_bars: int

    def fit(self, recipe: Recipe, rows: NDArray[np.bool_] | slice = slice(None)) -> Fitted:
        """Return the scaler and the model of a recipe, fitted on some of the rows; raise `TrainingError`."""
        return fit_rows(self.features[rows], self.targets[rows], recipe)


def pool_rows(
    prices: PanelPrices, split: PanelSplit, recipe: Recipe, most: int, on_step: OnStep = pass_over
) -> tuple[PooledRows, tuple[BadSeries, ...]]:
    """Return the learning rows of all series, at most `most` of them, and the series without features or targets.

    Rows are drawn of all series; those of the bad ones are then left out. Raises `TrainingError` if all are bad.
    """
    drawn, start = draw_rows(split.n_learning, most), 0
    pooled, bad = list[PooledRows](), list[BadSeries]()
    for done, (symbol, each) in enumerate(split.series.items(), 1):
        stop = start + each.n_learning
        rows = drawn[np.searchsorted(drawn, start) : np.searchsorted(drawn, stop)] - start
        try:
            pooled.append(_select_rows(prices.series[symbol], each.learning, rows, recipe))
        except TrainingError as error:
            bad.append(BadSeries(symbol, str(error)))
        start = stop
        on_step("features", done, len(split.series))
    require_series({} if len(bad) == len(split.series) else prices.series, bad)
    dates = np.concatenate([each.dates for each in pooled])
    features = np.concatenate([each.features for each in pooled])
    targets = np.concatenate([each.targets for each in pooled])
    return PooledRows(dates, features, targets, recipe.target.horizon_bars), tuple(bad)


def _select_rows(bars: Bars, learning: slice, rows: NDArray[np.intp], recipe: Recipe) -> PooledRows:
    """Return some of the learning rows of a series; raise `TrainingError` if any feature or target of it is wrong."""
    features = build_features(recipe.feature_set, bars)[learning][rows]
    targets = recipe.target.build_learning(bars, learning)[rows]
    return PooledRows(bars.dates[learning][rows], features, targets, recipe.target.horizon_bars)


def draw_rows(n_rows: int, most: int) -> NDArray[np.intp]:
    """Return the places of `most` of `n_rows` rows, in order; all if there are no more.

    Every row is as likely as any other. The draw is the same on every machine and in every version of numpy, whose
    `RandomState` is frozen.
    """
    if n_rows <= most:
        return np.arange(n_rows)
    return np.sort(np.random.RandomState(SEED).permutation(n_rows)[:most])
