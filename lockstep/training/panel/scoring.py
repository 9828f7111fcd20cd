"""Score every series of a panel anew, by its own bars."""

from collections.abc import Mapping
from dataclasses import dataclass

from lockstep.bundles.evaluation import lay_out_stages
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.series_scores import score_series
from lockstep.data.bars import Array
from lockstep.predict.intervals import EVALUATED_LEVELS, find_bounds
from lockstep.predict.stages import HALF_WIDTH, Stages
from lockstep.training.evaluation import record_evaluation
from lockstep.training.panel.prices import OnStep
from lockstep.training.target import Target
from lockstep.worth.intervals import Intervals, coverage

LEVEL = 80
"""The level, in percent, of the intervals whose coverage is shown of each series."""


@dataclass(frozen=True)
class ScoredSeries:
    """The scores of one series, the number of its test rows, and the share that its intervals of `LEVEL` % covered."""

    test_rows: int
    scores: Mapping[str, AnyScores]
    up_rate: float | None
    coverage: float | None


def score_panel(bundle: PanelBundle, target: Target, on_step: OnStep) -> dict[str, ScoredSeries]:
    """Return the scores of each series, by symbol, in the order of the index; raise a `BundleError`."""
    series = {}
    for done, symbol in enumerate(bundle.index.symbols, 1):
        series[symbol] = _score_view(bundle.pick(symbol), target)
        on_step("evaluate", done, len(bundle.index))
    return series


def _score_view(view: SeriesBundle, target: Target) -> ScoredSeries:
    classes, stages = view.manifest.classes, view.predict_evaluated().stages
    evaluation = record_evaluation(view.forecaster, view.bars, target, lay_out_stages(stages, classes))
    learned = target.build(view.bars)[view.learning_rows]
    scored = score_series(evaluation, target.name, learned, classes)
    realised = evaluation.realised
    covered = _find_coverage(evaluation.y_true[realised], {name: each[realised] for name, each in stages.items()})
    return ScoredSeries(evaluation.dates.size, scored.scores, scored.up_rate, covered)


def _find_coverage(y_true: Array, stages: Stages) -> float | None:
    if HALF_WIDTH not in stages:
        return None
    half_width = stages[HALF_WIDTH][:, EVALUATED_LEVELS.index(LEVEL)]
    return coverage(y_true, Intervals(LEVEL, *find_bounds(half_width)))
