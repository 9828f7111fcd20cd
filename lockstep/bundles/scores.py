"""Scores of predictions on test rows: of returns, of other numbers, and of labels."""

import math
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.worth import points

NO_CHANGE = 1.0
"""The gross return of a close that stays as it is."""
SMALLEST_PROBABILITY = 1e-15
"""What a probability of 0 counts as in the log loss, which would be infinite."""


class ReturnScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="returns"):
    """The errors of one predictor of gross returns.

    `mae`, `mse`, `rmse` and `bias` are in gross return (`mse` in its square); `r2` is against the mean of the realised
    returns; `directional_accuracy` is the share of rows where the prediction lies on the realised side of 1. `rmae` is
    relative to the MAE of "no change" over the same rows, `mase` and `rmsse` to its errors over the learning rows; they
    are left out if nothing has changed there. Older bundles have the first four alone.
    """

    mae: float
    mse: float
    r2: float
    directional_accuracy: float
    rmse: float | UnsetType = UNSET
    bias: float | UnsetType = UNSET
    rmae: float | UnsetType = UNSET
    mase: float | UnsetType = UNSET
    rmsse: float | UnsetType = UNSET


class NumberScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="numbers"):
    """The errors of one predictor of other numbers; `r2` is against the mean of what came true."""

    mae: float
    mse: float
    r2: float


class LabelScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="labels"):
    """The errors of one predictor of labels.

    `macro_f1` is the mean over the labels of the test rows and of the predictions. `log_loss` and `brier` (the
    mean squared error over all classes) are those of the probabilities, None if there are none.
    """

    accuracy: float
    macro_f1: float
    log_loss: float | None
    brier: float | None


AnyScores = ReturnScores | NumberScores | LabelScores


def score_returns(y_true: Array, y_pred: Array, learned: Array) -> ReturnScores:
    """Return the scores of `y_pred` against `y_true`, both (n,) gross returns without NaN.

    `learned` are the returns of the learning rows, (n_learned,).
    """
    unchanged, was_unchanged = np.full_like(y_true, NO_CHANGE), np.full_like(learned, NO_CHANGE)
    return ReturnScores(
        points.mae(y_true, y_pred),
        points.mse(y_true, y_pred),
        points.r2(y_true, y_pred),
        points.directional_accuracy(y_true, y_pred, NO_CHANGE),
        points.rmse(y_true, y_pred),
        points.bias(y_true, y_pred),
        _leave_out_nan(points.rmae(y_true, y_pred, unchanged)),
        _leave_out_nan(points.mase(y_true, y_pred, points.mae(learned, was_unchanged))),
        _leave_out_nan(points.rmsse(y_true, y_pred, points.mse(learned, was_unchanged))),
    )


def _leave_out_nan(score: float) -> float | UnsetType:
    return UNSET if math.isnan(score) else score


def score_numbers(y_true: Array, y_pred: Array) -> NumberScores:
    """Return the scores of `y_pred` against `y_true`, both (n,) without NaN; an R² of 0 if `y_true` is constant."""
    return NumberScores(points.mae(y_true, y_pred), points.mse(y_true, y_pred), points.r2(y_true, y_pred))


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
