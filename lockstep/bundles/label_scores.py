"""Scores of predicted labels, and of predicted numbers that are no returns."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array

Labels = NDArray[np.str_]


class LabelScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="labels"):
    """How often one predictor is right.

    `accuracy` is the share of rows with the right label; `balanced_accuracy` the mean of that share over the labels
    that came true, so that a label that is rare counts as much as one that is not.
    """

    accuracy: float
    balanced_accuracy: float


class NumberScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="numbers"):
    """The errors of one predictor; `r2` is against the mean of what came true."""

    mae: float
    mse: float
    r2: float


def score_labels(y_true: Labels, y_pred: Labels) -> LabelScores:
    """Return the scores of `y_pred` against `y_true`, both (n,) and known."""
    is_right = y_true == y_pred
    recalls = [float(np.mean(is_right[y_true == label])) for label in np.unique(y_true)]
    return LabelScores(float(np.mean(is_right)), float(np.mean(recalls)))


def score_numbers(y_true: Array, y_pred: Array) -> NumberScores:
    """Return the scores of `y_pred` against `y_true`, both (n,) without NaN."""
    error = y_pred - y_true
    mse, spread = float(np.mean(error**2)), float(np.var(y_true))
    return NumberScores(float(np.mean(np.abs(error))), mse, 1.0 - mse / spread if spread else 0.0)
