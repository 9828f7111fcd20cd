"""How good the forecasts of a series are, always beside those of a predictor that looks at nothing."""

from dataclasses import dataclass

import numpy as np

from lockstep.bundles.baselines import compare_returns, compare_with_baseline, learn_baseline
from lockstep.bundles.entries import DIRECTION, RETURN, UP
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.scores import NO_CHANGE, AnyScores
from lockstep.bundles.targets import Targets
from lockstep.predict.exact.form import Labels


@dataclass(frozen=True)
class SeriesScores:
    """The scores by predictor, what the naive predictor always answers, and how often it went up, if that is known."""

    scores: dict[str, AnyScores]
    naive: float | str
    up_rate: float | None


def score_series(evaluation: Evaluation, target: str, learned: Targets, classes: Labels) -> SeriesScores:
    """Return the scores of an evaluation; `learned` are the targets of the learning rows, `classes` the model's.

    The naive predictor answers 1.0 for returns, the most frequent label of the learning rows, or the mean of other
    targets. Returns are scored beside their mean as well.
    """
    realised = evaluation.realised
    y_true, stages = evaluation.y_true[realised], {name: held[realised] for name, held in evaluation.outputs.items()}
    if target == RETURN:
        returns = compare_returns(y_true, evaluation.y_pred[realised], learned)
        return SeriesScores({**returns}, NO_CHANGE, float(np.mean(y_true > NO_CHANGE)))
    baseline = learn_baseline(learned, classes)
    went_up = float(np.mean(y_true == UP)) if target == DIRECTION else None
    return SeriesScores({**compare_with_baseline(y_true, stages, baseline)}, baseline.answer, went_up)
