"""How good the forecasts of some rows were: the scores that a manifest states of the test rows, of any rows."""

from typing import NamedTuple

import msgspec
import numpy as np

from lockstep.bundles.baselines import LEARNED_MEAN, MODEL, MOST_FREQUENT, score_outputs
from lockstep.bundles.evaluation import DATE, lay_out_stages, make_evaluation
from lockstep.bundles.outcomes import Outcomes, find_learned
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.series_scores import score_series
from lockstep.data.bars import Array, Dates
from lockstep.predict.intervals import Levels, find_bounds
from lockstep.predict.stages import HALF_WIDTH, PREDICTION, PROBA, Stages
from lockstep.worth import intervals as worth


class LevelCoverage(msgspec.Struct, frozen=True):
    """How good the intervals of one level were: the share of outcomes inside, below and above; lengths in return."""

    level: int
    coverage: float
    below: float
    above: float
    mean_width: float
    winkler_score: float


class OutcomeScores(msgspec.Struct, frozen=True):
    """The scores of `rows` rows by predictor, and of their intervals by level; without rows there are none."""

    rows: int
    predictors: dict[str, AnyScores]
    intervals: list[LevelCoverage]


class Rows(NamedTuple):
    """Forecasts of the bars of some dates, (n,), and the levels of their intervals."""

    dates: Dates
    stages: Stages
    levels: Levels


def score_outcomes(bundle: SeriesBundle, rows: Rows, outcomes: Outcomes) -> OutcomeScores:
    """Return the scores of the rows that are scored; of all test rows, these are the scores of the manifest."""
    scored = outcomes.scored
    if not scored.any():
        return OutcomeScores(0, {}, [])
    stages = {name: values[scored] for name, values in rows.stages.items()}
    held, y_true = Rows(rows.dates[scored], stages, rows.levels), outcomes.values[scored]
    return OutcomeScores(y_true.size, _score_predictors(bundle, held, y_true), _score_levels(held, y_true))


def _score_predictors(bundle: SeriesBundle, rows: Rows, y_true: Array) -> dict[str, AnyScores]:
    manifest, learned = bundle.manifest, find_learned(bundle)
    outputs = {name: rows.stages[name] for name in (PROBA, PREDICTION) if name in rows.stages}
    if learned is None:
        naive = MOST_FREQUENT if manifest.classes else LEARNED_MEAN
        answered = {MODEL: outputs, naive: {PREDICTION: np.full(y_true.size, manifest.naive)}}
        return {name: score_outputs(y_true, each, manifest.classes) for name, each in answered.items()}
    evaluation = make_evaluation({DATE: rows.dates}, y_true, lay_out_stages(outputs, manifest.classes))
    return score_series(evaluation, manifest.target, learned, manifest.classes).scores


def _score_levels(rows: Rows, y_true: Array) -> list[LevelCoverage]:
    """Return the scores of the intervals of each level; `y_true` (n,) are the gross returns that came true."""
    scores = []
    for place, level in enumerate(rows.levels):
        held = worth.Intervals(level, *find_bounds(rows.stages[HALF_WIDTH][:, place]))
        shares = (worth.coverage(y_true, held), worth.share_below(y_true, held), worth.share_above(y_true, held))
        lengths = (worth.mean_width(held), worth.winkler_score(y_true, held))
        scores.append(LevelCoverage(level, *shares, *lengths))
    return scores
