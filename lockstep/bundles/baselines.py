"""Predictors that look at nothing, beside which every model is scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.scores import (
    NO_CHANGE,
    LabelScores,
    NumberScores,
    ReturnScores,
    score_labels,
    score_numbers,
    score_returns,
)
from lockstep.data.bars import Array
from lockstep.predict.exact.form import Labels
from lockstep.predict.stages import PREDICTION, PROBA, Stages

MODEL = "model"
ALWAYS_NO_CHANGE, MEAN_RETURN = "always 1.0", "mean of learning returns"
MOST_FREQUENT, LEARNED_MEAN = "most frequent label", "mean of learning rows"


@dataclass(frozen=True)
class Baseline:
    """What a predictor that looks at nothing knows of the learning rows.

    `classes` are those of a classifier, and `learned` the share of each; without classes `learned` is the mean alone.
    """

    classes: Labels
    learned: Sequence[float]

    @property
    def name(self) -> str:
        """Return what it answers, for people."""
        return MOST_FREQUENT if self.classes else LEARNED_MEAN

    @property
    def answer(self) -> float | str:
        """Return what it answers to every row."""
        return self.classes[int(np.argmax(self.learned))] if self.classes else self.learned[0]

    def predict(self, n_rows: int) -> Stages:
        """Return what it answers to some rows."""
        prediction = np.full(n_rows, self.answer)
        if not self.classes:
            return {PREDICTION: prediction}
        return {PROBA: np.tile(np.array(self.learned), (n_rows, 1)), PREDICTION: prediction}


def learn_baseline(learned: NDArray[Any], classes: Labels) -> Baseline:
    """Return the predictor that knows the targets of the learning rows, (n,), and nothing else."""
    if not classes:
        return Baseline([], [float(np.mean(learned))])
    return Baseline(classes, [float(np.mean(learned == label)) for label in classes])


def compare_with_baseline(
    y_true: NDArray[Any], stages: Stages, baseline: Baseline
) -> dict[str, NumberScores | LabelScores]:
    """Return the scores of the model's stages and of the baseline against `y_true` (n,)."""
    answered = {MODEL: stages, baseline.name: baseline.predict(y_true.size)}
    return {name: score_outputs(y_true, each, baseline.classes) for name, each in answered.items()}


def score_outputs(y_true: NDArray[Any], stages: Stages, classes: Labels) -> NumberScores | LabelScores:
    """Return the scores of the outputs among `stages` against `y_true` (n,); without classes they are numbers."""
    if not classes:
        return score_numbers(y_true, stages[PREDICTION])
    return score_labels(y_true, stages[PREDICTION], np.array(classes), stages.get(PROBA))


def compare_returns(y_true: Array, y_pred: Array, learned: Array) -> dict[str, ReturnScores]:
    """Return the scores of the model, of always answering 1.0, and of the mean of the learned returns, (n_learned,)."""
    predictors = {
        MODEL: y_pred,
        ALWAYS_NO_CHANGE: np.full_like(y_true, NO_CHANGE),
        MEAN_RETURN: np.full_like(y_true, float(np.mean(learned))),
    }
    return {name: score_returns(y_true, predicted, learned) for name, predicted in predictors.items()}
