"""Train a bundle from price bars: split by time, fit on the learning rows only, evaluate on the rest."""

from dataclasses import dataclass

import msgspec

from lockstep.bundles.evaluation import EVALUATION_FILE, Evaluation, lay_out_stages, write_evaluation
from lockstep.bundles.fitted_state.steps import list_classes
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.saving import seal_manifest
from lockstep.bundles.scoring_intervals import Evidence
from lockstep.bundles.sealing import seal_model
from lockstep.bundles.series import BARS_FILE, list_features
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.data.price_csv import write_price_csv
from lockstep.predict.forecast import Forecaster
from lockstep.predict.history import History
from lockstep.training.choosing_interval import Needs, choose_interval
from lockstep.training.describing import Outcome, describe_bundle, describe_interval
from lockstep.training.evaluation import predict_tested, record_evaluation
from lockstep.training.guarantees import promise_outputs
from lockstep.training.learning import Fit, build_features, fit_model, select_learning_rows, split_bars
from lockstep.training.recipe import Recipe
from lockstep.training.walk_forward import judge_model


@dataclass(frozen=True)
class Trained:
    """A trained bundle before it is saved: the sealed manifest, its files and the evaluation.

    `notes` are the parameters that were set so that the same bars give the same bytes. `reason` says why scikit-learn
    predicts; it is empty if the model has an exact form. `no_interval` and `unjudged` say why there are no intervals,
    and why there is no verdict; they are empty if there are.
    """

    manifest: SeriesManifest
    files: dict[str, bytes]
    evaluation: Evaluation
    notes: tuple[str, ...] = ()
    reason: str = ""
    no_interval: str = ""
    unjudged: str = ""


def train(bars: Bars, calendar: Calendar, recipe: Recipe, fit: Fit = fit_model) -> Trained:
    """Return a bundle trained on `bars` (consecutive sessions of `calendar`, oldest first).

    `fit` sees learning rows and nothing else: all of them, then those of each fold of the verdict. The same bars,
    recipe and library versions give the same bytes.
    Raises `TrainingError`, `ForbiddenPickle` for an estimator that cannot be sealed, and `EvaluationMismatch` if a
    feature reads more than its look-back.
    """
    feature_set, split = recipe.feature_set.features, split_bars(bars, recipe)
    features = build_features(recipe.feature_set, bars)
    learning = select_learning_rows(bars, features, split, recipe.target)
    scaler, model = fit(learning, recipe)
    inputs, tested = list_features(feature_set), features[-split.test_rows :]
    sealed = seal_model(scaler, model, inputs, recipe.load_trusted())
    chosen = choose_interval(recipe.interval, _list_needs(recipe, len(bars) - split.test_rows + 1))
    forecaster = Forecaster(History(bars, calendar), feature_set, sealed.model, chosen.interval)
    stages = predict_tested(forecaster, bars, tested)
    guarantees = promise_outputs(sealed, inputs, tested, stages)
    laid_out = lay_out_stages(stages, list_classes(model), sealed.kept_stages)
    evaluation = record_evaluation(forecaster, bars, recipe.target, laid_out)
    files = {**sealed.files, **series_files(bars, evaluation)}
    described = describe_bundle(recipe, calendar, Outcome(learning, (scaler, model), evaluation))
    judged = judge_model(learning, recipe, fit, evaluation)
    verdict, unjudged = (msgspec.UNSET, judged) if isinstance(judged, str) else (judged, "")
    promised = msgspec.structs.replace(
        described,
        predictor=sealed.predictor,
        guarantees=guarantees,
        trusted=dict(sealed.trusted),
        interval=describe_interval(chosen.interval, Evidence(bars, learning.targets, evaluation, stages)),
        verdict=verdict,
    )
    manifest, notes = seal_manifest(promised, files), recipe.make(learning.kind).notes
    return Trained(manifest, files, evaluation, notes, sealed.reason, chosen.reason, unjudged)


def _list_needs(recipe: Recipe, bars_before: int) -> Needs:
    adjusts = recipe.feature_set.features.adjusts
    return Needs(recipe.target.name, recipe.target.horizon_bars, adjusts, bars_before)


def series_files(bars: Bars, evaluation: Evaluation) -> dict[str, bytes]:
    """Return the files of a series beside those of its model."""
    return {BARS_FILE: write_price_csv(bars).encode(), EVALUATION_FILE: write_evaluation(evaluation).encode()}
