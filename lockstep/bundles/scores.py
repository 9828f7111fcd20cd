"""Scores of predicted gross returns, always beside those of two naive predictors."""

import msgspec
import numpy as np

from lockstep.bundles.label_scores import LabelScores, NumberScores
from lockstep.bundles.table_scores import ClassScores
from lockstep.data.bars import Array

NO_CHANGE = 1.0
MODEL = "model"
NAIVE_NO_CHANGE = "always 1.0"
NAIVE_MEAN = "mean of learning returns"


class Scores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="returns"):
    """The errors of one predictor.

    `mae` and `mse` are in gross return (and its square); `r2` is against the mean of the realised returns;
    `directional_accuracy` is the share of rows where the prediction lies on the realised side of 1.
    """

    mae: float
    mse: float
    r2: float
    directional_accuracy: float


AnyScores = Scores | LabelScores | NumberScores | ClassScores


def score_predictions(y_true: Array, y_pred: Array) -> Scores:
    """Return the scores of `y_pred` against `y_true`, both (n,) gross returns without NaN."""
    error = y_pred - y_true
    mse = float(np.mean(error**2))
    same_side = np.sign(y_pred - NO_CHANGE) == np.sign(y_true - NO_CHANGE)
    spread = float(np.var(y_true))
    return Scores(float(np.mean(np.abs(error))), mse, 1.0 - mse / spread if spread else 0.0, float(np.mean(same_side)))


def compare_with_naive(y_true: Array, y_pred: Array, mean_learning_return: float) -> dict[str, Scores]:
    """Return the scores of the model, of always answering 1.0, and of the mean of the learning returns."""
    predictors = {
        MODEL: y_pred,
        NAIVE_NO_CHANGE: np.full_like(y_true, NO_CHANGE),
        NAIVE_MEAN: np.full_like(y_true, mean_learning_return),
    }
    return {name: score_predictions(y_true, predicted) for name, predicted in predictors.items()}


def up_rate(y_true: Array) -> float:
    """Return the share of rows whose realised return is above 1."""
    return float(np.mean(y_true > NO_CHANGE))
