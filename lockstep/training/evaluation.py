"""Make the local evaluation, which only training may: it needs the target."""

from lockstep.bundles.evaluation import CLOSE, DATE, FORECAST_DATE, Evaluation, lay_out_stages, make_evaluation
from lockstep.data.bars import Bars
from lockstep.predict.exact.form import Labels
from lockstep.predict.forecast import Forecaster
from lockstep.predict.stages import PREDICTION, Stages
from lockstep.training.target import next_gross_returns


def evaluate(forecaster: Forecaster, bars: Bars, test_rows: int, classes: Labels) -> Evaluation:
    """Return the evaluation over the last `test_rows` of the bars (oldest first), computed anew."""
    stages = forecaster.forecast(bars.select(slice(-test_rows, None))).stages
    return record_evaluation(forecaster, bars, stages, classes)


def record_evaluation(forecaster: Forecaster, bars: Bars, stages: Stages, classes: Labels) -> Evaluation:
    """Return the evaluation whose stages are those of the last bars (oldest first), one row a bar."""
    rows = stages[PREDICTION].size
    tested = bars.select(slice(-rows, None))
    forecast_dates = forecaster.history.calendar.next_sessions(tested.dates)
    keys = {DATE: tested.dates, FORECAST_DATE: forecast_dates, CLOSE: tested.close}
    return make_evaluation(keys, next_gross_returns(bars.close)[-rows:], lay_out_stages(stages, classes))
