"""Scores of a model of a table on its held-out rows, always beside those of a predictor that reads no column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.label_scores import NumberScores, score_numbers
from lockstep.data.bars import Array
from lockstep.predict.exact.form import Labels
from lockstep.predict.stages import PREDICTION, PROBA, Stages

MODEL = "model"
MOST_FREQUENT = "most frequent label"
LEARNED_MEAN = "mean of learning rows"
SMALLEST_PROBABILITY = 1e-15
"""What a probability of 0 counts as in the log loss, which would be infinite."""


class ClassScores(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="classes"):
    """The errors of one predictor of labels.

    `macro_f1` is the mean over the classes of the held-out rows and of the predictions. `log_loss` and `brier` (the
    mean squared error over all classes) are those of the probabilities, None if there are none.
    """

    accuracy: float
    macro_f1: float
    log_loss: float | None
    brier: float | None


TableScores = NumberScores | ClassScores


@dataclass(frozen=True)
class Baseline:
    """What a predictor that reads no column knows of the learning rows.

    `classes` are those of a classifier, and `learned` the share of each; without classes `learned` is the mean alone.
    """

    classes: Labels
    learned: Sequence[float]

    @property
    def name(self) -> str:
        """Return what it answers."""
        return MOST_FREQUENT if self.classes else LEARNED_MEAN

    def predict(self, n_rows: int) -> Stages:
        """Return what it answers to some rows."""
        if not self.classes:
            return {PREDICTION: np.full(n_rows, self.learned[0])}
        label = np.array(self.classes)[int(np.argmax(self.learned))]
        return {PROBA: np.tile(np.array(self.learned), (n_rows, 1)), PREDICTION: np.full(n_rows, label)}


def compare_with_baseline(y_true: NDArray[Any], stages: Stages, baseline: Baseline) -> dict[str, TableScores]:
    """Return the scores of the model's stages and of the baseline against `y_true` (n,)."""
    answered = {MODEL: stages, baseline.name: baseline.predict(y_true.size)}
    if not baseline.classes:
        return {name: score_numbers(y_true, each[PREDICTION]) for name, each in answered.items()}
    classes = np.array(baseline.classes)
    return {name: score_classes(y_true, each[PREDICTION], classes, each.get(PROBA)) for name, each in answered.items()}


def score_classes(
    y_true: NDArray[Any], y_pred: NDArray[Any], classes: NDArray[Any], proba: Array | None
) -> ClassScores:
    """Return the scores of `y_pred` against `y_true`, both (n,); `proba` (n, n_classes) is ordered as `classes` are."""
    accuracy, macro_f1 = float(np.mean(y_true == y_pred)), _score_macro_f1(y_true, y_pred)
    if proba is None:
        return ClassScores(accuracy, macro_f1, None, None)
    is_true = y_true[:, np.newaxis] == classes
    log_loss = -float(np.mean(np.log(np.maximum(proba[is_true], SMALLEST_PROBABILITY))))
    return ClassScores(accuracy, macro_f1, log_loss, float(np.mean(np.sum((proba - is_true) ** 2, axis=1))))


def _score_macro_f1(y_true: NDArray[Any], y_pred: NDArray[Any]) -> float:
    labels = np.unique(np.concatenate([y_true, y_pred]))
    right = np.array([np.sum((y_true == label) & (y_pred == label)) for label in labels])
    named = np.array([np.sum(y_true == label) + np.sum(y_pred == label) for label in labels])
    return float(np.mean(2.0 * right / named))
