"""What a manifest says of a trained model of a series."""

import math
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.pipeline import Pipeline

from lockstep.bundles.entries import FeatureSetEntry, SchemaEntry, Step, Window
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.manifest import SeriesManifest
from lockstep.data.calendar import Calendar
from lockstep.predict.exact.form import Labels
from lockstep.training.learning import Fitted, LearningRows
from lockstep.training.recipe import Recipe
from lockstep.training.series_scores import score_series


@dataclass(frozen=True)
class Outcome:
    """The rows that were learned from, what was fitted on them, and the evaluation."""

    learning: LearningRows
    fitted: Fitted
    evaluation: Evaluation


def describe_bundle(recipe: Recipe, calendar: Calendar, outcome: Outcome) -> SeriesManifest:
    """Return the manifest of a bundle, without what predicts and what is promised of it, not sealed yet."""
    named, features, evaluation = recipe.feature_set, recipe.feature_set.features, outcome.evaluation
    scored = score_series(evaluation, recipe.target, outcome.learning.targets)
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
        learning=_window(outcome.learning.bars.dates),
        test=_window(evaluation.dates),
        estimator=describe_estimator(*outcome.fitted),
        classes=list_classes(outcome.fitted[1]),
        scores=scored.scores,
        naive=scored.naive,
        up_rate=scored.up_rate,
        predictor="exact",
        guarantees={},
        evaluation=list(evaluation.columns),
        libraries=installed_libraries(),
        source=recipe.source,
        files={},
    )


def list_classes(model: BaseEstimator) -> Labels:
    """Return the labels of a fitted classifier in the order of its probabilities, none for a regressor."""
    return list(model.classes_.tolist()) if is_classifier(model) else []


def describe_estimator(scaler: object | None, model: object) -> list[Step]:
    """Return the fitted steps in the order of use, with what each was really made with."""
    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    return [_describe_step(step) for step in ([] if scaler is None else [scaler]) + steps]


def _describe_step(step: BaseEstimator) -> Step:
    parameters = {name: _describe_value(value) for name, value in step.get_params(deep=False).items()}
    return Step(f"{type(step).__module__}.{type(step).__qualname__}", parameters)


def _describe_value(value: object) -> int | float | str | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)  # JSON has no NaN
    return value if isinstance(value, int | str | None) else repr(value)


def _window(dates: np.ndarray) -> Window:
    return Window(str(dates[0]), str(dates[-1]), dates.size)
