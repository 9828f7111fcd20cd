"""Forecast the newer half of the learning rows, fold by fold, with models that have learned from the rows before.

So a model is compared with "no change" before the test rows are touched. The scaler is fitted anew in each fold too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from msgspec import UNSET
from threadpoolctl import threadpool_limits

from lockstep.bundles.entries import RETURN
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.verdicts import (
    FOLDS,
    SCORED_FOLDS,
    NaiveComparison,
    VerdictEntry,
    compare_with_naive,
    decide_verdict,
    find_fold_edges,
)
from lockstep.data.bars import Array
from lockstep.errors import TrainingError
from lockstep.predict.single_thread import ONE
from lockstep.training.learning import Fit, Fitted, LearningRows
from lockstep.training.recipe import Recipe
from lockstep.training.split import MIN_LEARNING_ROWS


@dataclass(frozen=True)
class Fold:
    """The places of the rows that a fold learns from, and of those that it forecasts, among the learning rows."""

    learned: slice
    forecast: slice


def split_folds(n_rows: int, horizon_bars: int) -> list[Fold]:
    """Return `FOLDS` folds over the newer half of `n_rows` learning rows, oldest first, each learning from more rows.

    The newest row that a fold learns from is `horizon_bars` before the first that it forecasts, as the newest
    learning row is before the first test row; see `lockstep.bundles.windows`. Raises `TrainingError` if the first
    fold would learn from less than `MIN_LEARNING_ROWS`.
    """
    edges = pairwise(find_fold_edges(n_rows))
    folds = [Fold(slice(0, start - (horizon_bars - 1)), slice(start, stop)) for start, stop in edges]
    if folds[0].learned.stop < MIN_LEARNING_ROWS:
        needed = 2 * (MIN_LEARNING_ROWS + horizon_bars - 1)
        raise TrainingError(f"{n_rows} learning rows are too few for {FOLDS} folds; {needed} are needed")
    return folds


def forecast_folds(learning: LearningRows, recipe: Recipe, fit: Fit) -> Iterator[tuple[Fold, Array]]:
    """Yield each fold and its forecasts, float64 (n,); raise `TrainingError` if a model cannot be fitted or asked."""
    for fold in split_folds(len(learning.bars), learning.horizon_bars):
        with threadpool_limits(ONE):  # sums that threads share change their order; pools wait for a busy core
            forecast = forecast_fold(fit(learning.select(fold.learned), recipe), learning.features[fold.forecast])
        yield fold, forecast


def forecast_fold(fitted: Fitted, features: Array) -> Array:
    """Return what a fitted model forecasts for features, float64 (n,); raise `TrainingError`."""
    scaler, model = fitted
    try:
        predicted = model.predict(features if scaler is None else scaler.transform(features)).reshape(len(features))
    except (ValueError, TypeError, ArithmeticError) as error:
        raise TrainingError(f"{type(model).__name__} cannot forecast a fold: {error}") from error
    if np.isnan(predicted).any():
        raise TrainingError(f"{type(model).__name__} forecasts NaN in a fold")
    return np.asarray(predicted, dtype=np.float64)


def walk_forward(learning: LearningRows, recipe: Recipe, fit: Fit) -> NaiveComparison:
    """Return the comparison of the forecasts of all folds with no change; raise `TrainingError`."""
    folds = list(forecast_folds(learning, recipe, fit))
    y_true = np.concatenate([learning.targets[fold.forecast] for fold, _ in folds])
    return compare_with_naive(y_true, np.concatenate([predicted for _, predicted in folds]), learning.horizon_bars)


def judge_model(learning: LearningRows, recipe: Recipe, fit: Fit, evaluation: Evaluation) -> VerdictEntry | str:
    """Return the verdict on what `fit` makes of a recipe, or for people why there is none.

    "No change" is a forecast of returns, so a model of another target has no verdict. That of a selected model is of
    the folds that it was selected by.
    """
    if recipe.target.name != RETURN:
        return f'"no change" is a forecast of the target {RETURN} alone'
    selection = recipe.selection
    try:
        compared = walk_forward(learning, recipe, fit) if selection is UNSET else selection.served.walk_forward
    except TrainingError as error:
        return str(error)
    realised = evaluation.realised
    tested = compare_with_naive(evaluation.y_true[realised], evaluation.y_pred[realised], learning.horizon_bars)
    folds = FOLDS if selection is UNSET else SCORED_FOLDS
    return VerdictEntry(decide_verdict(compared), folds, compared, tested)
