"""Make the local evaluation, which only training may: it needs the target."""

from lockstep.bundles.evaluation import Evaluation, summarize_stage
from lockstep.data.bars import Bars
from lockstep.predict.forecast import PREDICTION, Forecaster, Stages
from lockstep.training.target import next_gross_returns


def evaluate(forecaster: Forecaster, bars: Bars, test_rows: int) -> Evaluation:
    """Return the evaluation over the last `test_rows` of the bars (oldest first), computed anew."""
    return record_evaluation(forecaster, bars, forecaster.forecast(bars.select(slice(-test_rows, None))).stages)


def record_evaluation(forecaster: Forecaster, bars: Bars, stages: Stages) -> Evaluation:
    """Return the evaluation whose stages are those of the last bars (oldest first), one row a bar."""
    y_pred = stages[PREDICTION]
    tested = bars.select(slice(-y_pred.size, None))
    return Evaluation(
        tested.dates,
        forecaster.history.calendar.next_sessions(tested.dates),
        tested.close,
        next_gross_returns(bars.close)[-y_pred.size :],
        y_pred,
        {name: summarize_stage(values) for name, values in stages.items() if name != PREDICTION},
    )
