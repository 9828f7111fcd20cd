"""How far predictions are from what came true, by the names and the formulas of utilsforecast.

All arrays are (n,), n at least 1, without NaN. An error is prediction - truth.
"""

import numpy as np

from lockstep.data.bars import Array


def mae(y_true: Array, y_pred: Array) -> float:
    """Return the mean absolute error, in units of the target."""
    return float(np.mean(np.abs(y_pred - y_true)))


def mse(y_true: Array, y_pred: Array) -> float:
    """Return the mean squared error, in squared units of the target."""
    return float(np.mean((y_pred - y_true) ** 2))


def rmse(y_true: Array, y_pred: Array) -> float:
    """Return the root of the mean squared error, in units of the target."""
    return float(np.sqrt(mse(y_true, y_pred)))


def bias(y_true: Array, y_pred: Array) -> float:
    """Return the mean error, in units of the target; above 0 the predictions are too high."""
    return float(np.mean(y_pred - y_true))


def r2(y_true: Array, y_pred: Array) -> float:
    """Return 1 - the squared error over that of the mean of `y_true`; 0 if `y_true` is constant."""
    spread = float(np.var(y_true))
    return 1.0 - mse(y_true, y_pred) / spread if spread else 0.0


def directional_accuracy(y_true: Array, y_pred: Array, unchanged: float) -> float:
    """Return the share of rows where the prediction lies on the side of `unchanged` where the truth lies.

    Neither side is one as well: a prediction of `unchanged` is right if nothing has changed.
    """
    return float(np.mean(np.sign(y_pred - unchanged) == np.sign(y_true - unchanged)))


def rmae(y_true: Array, y_pred: Array, baseline: Array) -> float:
    """Return the MAE over that of the predictions of a baseline, (n,); NaN if the baseline has no error."""
    return ratio(mae(y_true, y_pred), mae(y_true, baseline))


def mase(y_true: Array, y_pred: Array, scale: float) -> float:
    """Return the MAE over `scale`, the MAE of the naive predictor over the learning rows; NaN if that is 0."""
    return ratio(mae(y_true, y_pred), scale)


def rmsse(y_true: Array, y_pred: Array, scale: float) -> float:
    """Return the root of the MSE over `scale`, which is that of the naive predictor over the learning rows.

    NaN if that is 0.
    """
    return float(np.sqrt(ratio(mse(y_true, y_pred), scale)))


def ratio(score: float, reference: float) -> float:
    """Return how large a score is beside that of something simpler; NaN if that is 0."""
    return score / reference if reference else float("nan")
