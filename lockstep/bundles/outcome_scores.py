"""How good the forecasts of some rows were: the scores that a manifest states of the test rows, of any rows."""

import numpy as np

from lockstep.bundles.baselines import LEARNED_MEAN, MODEL, MOST_FREQUENT, score_outputs
from lockstep.bundles.evaluation import DATE, lay_out_stages, make_evaluation
from lockstep.bundles.outcomes import Outcomes, find_learned
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.series_scores import score_series
from lockstep.data.bars import Dates
from lockstep.predict.stages import PREDICTION, PROBA, Stages


def score_outcomes(bundle: SeriesBundle, dates: Dates, stages: Stages, outcomes: Outcomes) -> dict[str, AnyScores]:
    """Return the scores of each predictor over the rows of `outcomes` that are scored; none if there are none.

    `dates` and `stages` are those of the same rows. Of all test rows, these are the scores of the manifest.
    """
    scored, manifest = outcomes.scored, bundle.manifest
    if not scored.any():
        return {}
    y_true = outcomes.values[scored]
    outputs = {name: stages[name][scored] for name in (PROBA, PREDICTION) if name in stages}
    learned = find_learned(bundle)
    if learned is None:
        naive = MOST_FREQUENT if manifest.classes else LEARNED_MEAN
        answered = {MODEL: outputs, naive: {PREDICTION: np.full(y_true.size, manifest.naive)}}
        return {name: score_outputs(y_true, each, manifest.classes) for name, each in answered.items()}
    evaluation = make_evaluation({DATE: dates[scored]}, y_true, lay_out_stages(outputs, manifest.classes))
    return score_series(evaluation, manifest.target, learned).scores
