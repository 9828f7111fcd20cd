"""Scores of predictions on held-out rows: of returns, of other numbers, and of labels."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array

NO_CHANGE = 1.0
"""The gross return of a close that stays as it is."""
SMALLEST_PROBABILITY = 1e-15
"""What a probability of 0 counts as in the log loss, which would be infinite."""


class ReturnScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="returns"):
    """The errors of one predictor of gross returns.

    `mae` and `mse` are in gross return (and its square); `r2` is against the mean of the realised returns;
    `directional_accuracy` is the share of rows where the prediction lies on the realised side of 1.
    """

    mae: float
    mse: float
    r2: float
    directional_accuracy: float


class NumberScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="numbers"):
    """The errors of one predictor of other numbers; `r2` is against the mean of what came true."""

    mae: float
    mse: float
    r2: float


class LabelScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="labels"):
    """The errors of one predictor of labels.

    `macro_f1` is the mean over the labels of the held-out rows and of the predictions. `log_loss` and `brier` (the
    mean squared error over all classes) are those of the probabilities, None if there are none.
    """

    accuracy: float
    macro_f1: float
    log_loss: float | None
    brier: float | None


AnyScores = ReturnScores | NumberScores | LabelScores


def score_returns(y_true: Array, y_pred: Array) -> ReturnScores:
    """Return the scores of `y_pred` against `y_true`, both (n,) gross returns without NaN."""
    same_side = np.sign(y_pred - NO_CHANGE) == np.sign(y_true - NO_CHANGE)
    errors = score_numbers(y_true, y_pred)
    return ReturnScores(errors.mae, errors.mse, errors.r2, float(np.mean(same_side)))


def score_numbers(y_true: Array, y_pred: Array) -> NumberScores:
    """Return the scores of `y_pred` against `y_true`, both (n,) without NaN; an R² of 0 if `y_true` is constant."""
    error = y_pred - y_true
    mse, spread = float(np.mean(error**2)), float(np.var(y_true))
    return NumberScores(float(np.mean(np.abs(error))), mse, 1.0 - mse / spread if spread else 0.0)


def score_labels(y_true: NDArray[Any], y_pred: NDArray[Any], classes: NDArray[Any], proba: Array | None) -> LabelScores:
    """Return the scores of `y_pred` against `y_true`, both (n,); `proba` (n, n_classes) is ordered as `classes` are."""
    accuracy, macro_f1 = float(np.mean(y_true == y_pred)), _score_macro_f1(y_true, y_pred)
    if proba is None:
        return LabelScores(accuracy, macro_f1, None, None)
    is_true = y_true[:, np.newaxis] == classes
    log_loss = -float(np.mean(np.log(np.maximum(proba[is_true], SMALLEST_PROBABILITY))))
    return LabelScores(accuracy, macro_f1, log_loss, float(np.mean(np.sum((proba - is_true) ** 2, axis=1))))


def _score_macro_f1(y_true: NDArray[Any], y_pred: NDArray[Any]) -> float:
    labels = np.unique(np.concatenate([y_true, y_pred]))
    right = np.array([np.sum((y_true == label) & (y_pred == label)) for label in labels])
    named = np.array([np.sum(y_true == label) + np.sum(y_pred == label) for label in labels])
    return float(np.mean(2.0 * right / named))
