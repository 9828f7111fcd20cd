"""How good the forecasts of a series are, always beside those of a predictor that looks at nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lockstep.bundles.entries import DIRECTION, RETURN, UP
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.label_scores import score_labels, score_numbers
from lockstep.bundles.scores import MODEL, NO_CHANGE, AnyScores, compare_with_naive, up_rate
from lockstep.training.target import Target, Targets, is_labels

NAIVE_LABEL, NAIVE_NUMBER = "always {}", "mean of learning targets"


@dataclass(frozen=True)
class SeriesScores:
    """The scores by predictor, what the naive predictor always answers, and how often it went up, if that is known."""

    scores: dict[str, AnyScores]
    naive: float | str
    up_rate: float | None


def score_series(evaluation: Evaluation, target: Target, learned: Targets) -> SeriesScores:
    """Return the scores of an evaluation; `learned` are the targets of the learning rows.

    The naive predictor answers 1.0 for returns, the most frequent label of the learning rows, or the mean of other
    targets. Returns are scored beside their mean as well.
    """
    y_true, y_pred = evaluation.y_true[evaluation.realised], evaluation.y_pred[evaluation.realised]
    if target.name == RETURN:
        scores = compare_with_naive(y_true, y_pred, float(np.mean(learned)))
        return SeriesScores({**scores}, NO_CHANGE, up_rate(y_true))
    if is_labels(learned):
        labels, counts = np.unique(learned, return_counts=True)
        naive = str(labels[counts.argmax()])
        went_up = float(np.mean(y_true == UP)) if target.name == DIRECTION else None
        return SeriesScores(_compare(score_labels, (y_true, y_pred), naive, NAIVE_LABEL.format(naive)), naive, went_up)
    mean = float(np.mean(learned))
    return SeriesScores(_compare(score_numbers, (y_true, y_pred), mean, NAIVE_NUMBER), mean, None)


def _compare(
    score: Callable[[Any, Any], AnyScores], outcome: tuple[Any, Any], naive: float | str, name: str
) -> dict[str, AnyScores]:
    y_true, y_pred = outcome
    return {MODEL: score(y_true, y_pred), name: score(y_true, np.full(y_true.shape, naive))}
