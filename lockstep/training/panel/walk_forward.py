"""Walk forward through the sessions of a panel: each fold forecasts the sessions after those that it learned from."""

import numpy as np
from threadpoolctl import threadpool_limits

from lockstep.bundles.entries import RETURN
from lockstep.bundles.panels.verdict import TestedRows, compare_sessions
from lockstep.bundles.verdicts import FOLDS, NaiveComparison, VerdictEntry, decide_verdict
from lockstep.errors import TrainingError
from lockstep.predict.single_thread import ONE
from lockstep.training.panel.learning import PooledRows
from lockstep.training.panel.prices import OnStep, pass_over
from lockstep.training.recipe import Recipe
from lockstep.training.walk_forward import forecast_fold, split_folds


def judge_panel(pooled: PooledRows, recipe: Recipe, tested: TestedRows, on_step: OnStep) -> VerdictEntry | str:
    """Return the verdict on what a recipe learns from a panel, or for people why there is none; see `judge_model`."""
    if recipe.target.name != RETURN:
        return f'"no change" is a forecast of the target {RETURN} alone'
    try:
        compared = walk_panel_forward(pooled, recipe, on_step)
    except TrainingError as error:
        return str(error)
    test = compare_sessions(tested, pooled.horizon_bars)
    return VerdictEntry(decide_verdict(compared), FOLDS, compared, test)


def walk_panel_forward(pooled: PooledRows, recipe: Recipe, on_step: OnStep = pass_over) -> NaiveComparison:
    """Return the comparison of the forecasts of all folds with no change; raise `TrainingError`.

    The folds are those of `split_folds` over the sessions of the rows, and so is the embargo between the sessions that
    a fold learned from and those that it forecasts, whatever the series.
    """
    sessions, numbers = np.unique(pooled.dates, return_inverse=True)
    tested, forecasts = [], []
    for done, fold in enumerate(split_folds(sessions.size, pooled.horizon_bars)):
        on_step("verdict", done, FOLDS)
        learned, rows = numbers < fold.learned.stop, (numbers >= fold.forecast.start) & (numbers < fold.forecast.stop)
        with threadpool_limits(ONE):  # sums that threads share change their order; pools wait for a busy core
            forecasts.append(forecast_fold(pooled.fit(recipe, learned), pooled.features[rows]))
        tested.append(np.flatnonzero(rows))
    on_step("verdict", FOLDS, FOLDS)
    at = np.concatenate(tested)
    forecast = TestedRows(pooled.dates[at], pooled.targets[at], np.concatenate(forecasts))
    return compare_sessions(forecast, pooled.horizon_bars)
