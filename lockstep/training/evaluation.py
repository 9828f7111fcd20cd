"""Make the local evaluation, which only training may: it needs the target."""

import numpy as np

from lockstep.bundles.evaluation import Evaluation
from lockstep.data.bars import Bars
from lockstep.predict.forecast import Forecaster
from lockstep.predict.trace import digest_rows
from lockstep.training.target import next_gross_returns


def evaluate(forecaster: Forecaster, bars: Bars, test_rows: int) -> Evaluation:
    """Return the evaluation over the last `test_rows` of the bars (oldest first)."""
    tested = bars.select(slice(-test_rows, None))
    forecast = forecaster.forecast(tested)
    y_true = next_gross_returns(bars.close)[-test_rows:]
    features = np.array(digest_rows(forecast.features))
    return Evaluation(tested.dates, tested.close, y_true, forecast.prediction, forecast.leaf, features)
