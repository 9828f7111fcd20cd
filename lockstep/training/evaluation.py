"""Make the local evaluation, which only training may: it needs the target."""

from collections.abc import Mapping

import numpy as np

from lockstep.bundles.evaluation import (
    Y_PRED,
    Cells,
    Column,
    Evaluation,
    lay_out_stages,
    make_evaluation,
)
from lockstep.bundles.selfcheck import check_windows
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.windows import list_keys
from lockstep.data.bars import Array, Bars
from lockstep.predict.forecast import Forecaster
from lockstep.predict.intervals import EVALUATED_LEVELS
from lockstep.predict.stages import Stages
from lockstep.training.target import Target


def evaluate(bundle: SeriesBundle, target: Target) -> Evaluation:
    """Return the evaluation of a bundle over its test bars (oldest first), computed anew."""
    stages = lay_out_stages(bundle.predict_evaluated().stages, bundle.manifest.classes)
    return record_evaluation(bundle.forecaster, bundle.bars, target, stages)


def predict_tested(forecaster: Forecaster, bars: Bars, tested: Array) -> Stages:
    """Return the stages of the newest of `bars` (oldest first), whose features are `tested`, (n, n_features).

    Raises `EvaluationMismatch` if a feature reads more than its look-back.
    """
    places = np.arange(len(bars) - len(tested), len(bars))
    check_windows(forecaster, bars.select(places), tested)
    return forecaster.predict(tested, forecaster.measure(bars, places, EVALUATED_LEVELS if forecaster.interval else ()))


def record_evaluation(
    forecaster: Forecaster, bars: Bars, target: Target, laid_out: Mapping[Column, Cells]
) -> Evaluation:
    """Return the evaluation whose stages, see `lay_out_stages`, are those of the last bars (oldest first)."""
    rows = next(cells.size for column, cells in laid_out.items() if column.name == Y_PRED)
    tested, calendar = bars.select(slice(-rows, None)), forecaster.history.calendar
    return make_evaluation(list_keys(tested, calendar, target.horizon_bars), target.build(bars)[-rows:], laid_out)
