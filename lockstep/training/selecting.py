"""Choose an estimator that does better than "no change" in walk-forward folds, or no change itself.

A model of returns has learned far more noise than signal, so each candidate is shrunk towards no change: it forecasts
1 + λ (p - 1), where p is what it has learned. λ is chosen on the folds before the one that is scored. Chosen on the
scored folds themselves, it would make hardly any shrunk model look worse than no change. So the first fold chooses
only, and is not scored.

An estimator that is linear in its targets forecasts the same if it learns the targets 1 + λ (y - 1). So a shrunk
model needs no class of its own.
"""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from lockstep.bundles.entries import RETURN
from lockstep.bundles.selections import CandidateEntry, SelectionEntry, choose_candidate
from lockstep.bundles.verdicts import compare_with_naive
from lockstep.data.bars import Array
from lockstep.errors import TrainingError
from lockstep.training.estimators import parse_estimator
from lockstep.training.learning import LearningRows, fit_model, shrink_returns
from lockstep.training.recipe import Recipe
from lockstep.training.walk_forward import forecast_folds, split_folds

CANDIDATES = (
    "dummy(strategy='constant', constant=1.0)",
    "tree(min_samples_leaf=100)",
    "forest(n_estimators=50, min_samples_leaf=100, max_features=0.33)",
    "hist-boosting(max_iter=50, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=100, early_stopping=False)",
    "ridge(alpha=1000.0)",
)
"""What is tried, as `--estimator` reads it: "no change" first. Each is linear in its targets."""
SHRINKAGES = tuple(tenth / 10 for tenth in range(11))


def select_model(
    learning: LearningRows,
    recipe: Recipe,
    on_fold: Callable[[], None] = lambda: None,
    candidates: Sequence[str] = CANDIDATES,
) -> SelectionEntry:
    """Return what each candidate is worth on the learning rows, and which is chosen; call `on_fold` after each fold.

    The scaler is the recipe's. Raises `TrainingError` for another target than the return, or too few rows.
    """
    check_selectable(learning, recipe)
    return choose_candidate([_score_candidate(learning, recipe, spec, on_fold) for spec in candidates])


def check_selectable(learning: LearningRows, recipe: Recipe) -> None:
    """Raise `TrainingError` for a target that "no change" is no forecast of, or too few learning rows."""
    if recipe.target.name != RETURN:
        raise TrainingError(
            f'--select compares with "no change", a forecast of the target {RETURN}; for {recipe.target.name} leave it '
            "out, or search parameters with --grid"
        )
    split_folds(len(learning.bars), learning.horizon_bars)


def _score_candidate(learning: LearningRows, recipe: Recipe, spec: str, on_fold: Callable[[], None]) -> CandidateEntry:
    asked = msgspec.structs.replace(recipe, estimator=parse_estimator(spec))
    folds, forecasts = [], []
    for fold, forecast in forecast_folds(learning, asked, fit_model):
        folds.append(fold)
        forecasts.append(forecast)
        on_fold()
    first = folds[0].forecast.start
    y_true, learned = learning.targets[first:], np.concatenate(forecasts)
    shrunk = []
    for fold, forecast in zip(folds[1:], forecasts[1:], strict=True):
        known = slice(max(fold.learned.stop - first, 0))  # targets that overlap the fold are not known before it
        shrunk.append(shrink_returns(forecast, choose_shrinkage(y_true[known], learned[known])))
    scored = learning.targets[folds[1].forecast.start :]
    compared = compare_with_naive(scored, np.concatenate(shrunk), learning.horizon_bars)
    return CandidateEntry(spec, choose_shrinkage(y_true, learned), compared)


def choose_shrinkage(y_true: Array, learned: Array) -> float:
    """Return the λ of `SHRINKAGES` whose shrunk forecasts have the least squared error, the smallest of equals.

    Both are (n,). It is 0 without a row.
    """
    if not y_true.size:
        return SHRINKAGES[0]
    errors = [float(np.mean((shrink_returns(learned, shrinkage) - y_true) ** 2)) for shrinkage in SHRINKAGES]
    return SHRINKAGES[int(np.argmin(errors))]
