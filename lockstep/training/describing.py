"""What a manifest says of a trained model of a series."""

from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType

from lockstep.bundles.entries import FeatureSetEntry, IntervalEntry, SchemaEntry
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.fitted_state.steps import describe_steps, list_classes
from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.scoring_intervals import Evidence, score_intervals
from lockstep.bundles.series_scores import score_series
from lockstep.bundles.windows import describe_window
from lockstep.data.calendar import Calendar
from lockstep.predict.intervals import RollingInterval
from lockstep.training.learning import Fitted, LearningRows
from lockstep.training.recipe import Recipe


@dataclass(frozen=True)
class Outcome:
    """The rows that were learned from, what was fitted on them, and the evaluation."""

    learning: LearningRows
    fitted: Fitted
    evaluation: Evaluation


def describe_bundle(recipe: Recipe, calendar: Calendar, outcome: Outcome) -> SeriesManifest:
    """Return the manifest of a bundle, without what predicts and what is promised of it, not sealed yet."""
    named, features, evaluation = recipe.feature_set, recipe.feature_set.features, outcome.evaluation
    classes = list_classes(outcome.fitted[1])
    scored = score_series(evaluation, recipe.target.name, outcome.learning.targets, classes)
    return SeriesManifest(
        schema_version=2,
        name=recipe.name,
        symbol=recipe.symbol,
        schema=SchemaEntry.describe(calendar, features),
        feature_set=FeatureSetEntry(
            named.name, list(features.columns), features.lookback_bars, features.whole_history, named.source_sha256
        ),
        target=recipe.target.name,
        horizon_bars=recipe.target.horizon_bars,
        learning=describe_window(outcome.learning.bars.dates),
        test=describe_window(evaluation.dates),
        estimator=describe_steps(*outcome.fitted),
        classes=classes,
        scores=scored.scores,
        naive=scored.naive,
        up_rate=scored.up_rate,
        selection=recipe.selection,
        predictor="exact",
        guarantees={},
        evaluation=list(evaluation.columns),
        libraries=installed_libraries(),
        source=recipe.source,
        files={},
    )


def describe_interval(interval: RollingInterval | None, evidence: Evidence) -> IntervalEntry | UnsetType:
    """Return what a manifest says of an interval and of what it is worth; unset without one."""
    if interval is None:
        return UNSET
    return msgspec.structs.replace(IntervalEntry.describe(interval), scores=score_intervals(evidence, interval))
