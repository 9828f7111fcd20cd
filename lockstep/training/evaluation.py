"""Make the local evaluation, which only training may: it needs the target."""

from collections.abc import Mapping

from lockstep.bundles.evaluation import (
    Y_PRED,
    Cells,
    Column,
    Evaluation,
    lay_out_stages,
    make_evaluation,
)
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.windows import list_keys
from lockstep.data.bars import Bars
from lockstep.predict.forecast import Forecaster
from lockstep.training.target import Target


def evaluate(bundle: SeriesBundle, target: Target) -> Evaluation:
    """Return the evaluation of a bundle over its test bars (oldest first), computed anew."""
    stages = lay_out_stages(bundle.predict_evaluated().stages, bundle.manifest.classes)
    return record_evaluation(bundle.forecaster, bundle.bars, target, stages)


def record_evaluation(
    forecaster: Forecaster, bars: Bars, target: Target, laid_out: Mapping[Column, Cells]
) -> Evaluation:
    """Return the evaluation whose stages, see `lay_out_stages`, are those of the last bars (oldest first)."""
    rows = next(cells.size for column, cells in laid_out.items() if column.name == Y_PRED)
    tested, calendar = bars.select(slice(-rows, None)), forecaster.history.calendar
    return make_evaluation(list_keys(tested, calendar, target.horizon_bars), target.build(bars)[-rows:], laid_out)
