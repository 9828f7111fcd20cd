"""The recipe of a bundle, made again from its files, so that other bars can be learned from in the same way."""

from pathlib import Path

import msgspec
from msgspec import UNSET

from lockstep.applications import find_application
from lockstep.bundles.manifest import PanelManifest, SeriesManifest, TableManifest
from lockstep.bundles.model import pick_pickles
from lockstep.bundles.pickled import load_parts
from lockstep.bundles.reading import read_files, trusted_for
from lockstep.errors import InvalidBundle, TrainingError
from lockstep.features.loading import load_feature_set
from lockstep.training.choosing_interval import WantsInterval
from lockstep.training.estimators import parse_estimator
from lockstep.training.learning import build_learning_rows
from lockstep.training.named_targets import load_target
from lockstep.training.prices import Prices
from lockstep.training.recipe import Recipe
from lockstep.training.selecting import select_model
from lockstep.training.training import Trained, train


def rebuild_recipe(folder: Path) -> Recipe:
    """Return how the bundle in `folder` was trained: target, features, scaler, estimator, intervals and selection.

    It has no symbol. The estimator is the fitted one, of which training makes an unfitted copy. How many test rows
    there are follows from the bars. Raises a `BundleError`, or `TrainingError` for a target that is not found.
    """
    manifest, contents = read_files(folder)
    if isinstance(manifest, TableManifest):
        raise InvalidBundle(f"{folder} is a model of a {manifest.kind}; expected one of a series")
    application = find_application(folder.resolve().parents[1], Path.cwd())
    scaler, model = load_parts(pick_pickles(contents), trusted_for(folder, manifest).objects)
    return Recipe(
        manifest.name,
        "",
        manifest.source,
        load_feature_set(manifest.feature_set.name, application),
        target=load_target(manifest.target, manifest.horizon_bars, application),
        estimator=model,
        scaler=scaler,
        application=application,
        interval=_find_wish(manifest),
        selection=manifest.selection if isinstance(manifest, SeriesManifest) else UNSET,
    )


def _find_wish(manifest: SeriesManifest | PanelManifest) -> WantsInterval:
    if manifest.interval is UNSET:
        return "none"
    return "experimental" if manifest.interval.experimental else "auto"


def train_again(recipe: Recipe, prices: Prices) -> Trained:
    """Return a bundle of other bars; a selection is made anew. Raises `TrainingError`, `EvaluationMismatch`, …."""
    try:
        return _train_again(recipe, prices)
    except TrainingError as error:
        raise TrainingError(error.reason) from error  # what trains again has none of the options of `lockstep train`


def _train_again(recipe: Recipe, prices: Prices) -> Trained:
    if recipe.selection is not UNSET:
        without = msgspec.structs.replace(recipe, selection=UNSET)
        selection = select_model(build_learning_rows(prices.bars, without), without)
        recipe = msgspec.structs.replace(recipe, selection=selection, estimator=parse_estimator(selection.chosen))
    return train(prices.bars, prices.calendar, recipe)
