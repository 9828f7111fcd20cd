"""Fit the models of a bundle's walk-forward folds again, and compare what is stated of them."""

from pathlib import Path

import msgspec
from msgspec import UNSET

from lockstep.bundles.comparing import require_comparison, require_same
from lockstep.bundles.entries import RETURN
from lockstep.bundles.model import pick_pickles
from lockstep.bundles.pickled import load_parts
from lockstep.bundles.reading import read_files, trusted_for
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.targets import BUILT_IN
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.training.estimators import parse_estimator
from lockstep.training.learning import build_learning_rows, fit_model
from lockstep.training.recipe import Recipe
from lockstep.training.selecting import select_model
from lockstep.training.target import Target
from lockstep.training.walk_forward import walk_forward


def check_walk_forward(folder: Path, bundle: SeriesBundle) -> int:
    """Return how many estimators were fitted on the folds again, 0 without a verdict.

    The estimator is an unfitted copy of the fitted one, or the candidates of the selection. Raises `EvaluationMismatch`
    if a comparison is not the one that is stated, or the fitted estimator is another than the chosen candidate: other
    numbers were written, or the model was not made by `fit_model`.
    """
    manifest = bundle.manifest
    if manifest.verdict is UNSET:
        return 0
    recipe = _rebuild_recipe(folder, bundle)
    learning = build_learning_rows(bundle.bars, recipe)
    if manifest.selection is UNSET:
        found = walk_forward(learning, recipe, fit_model)
        require_comparison(manifest.name, "verdict.walk_forward", manifest.verdict.walk_forward, found)
        return 1
    stated = manifest.selection.candidates
    selection = select_model(learning, recipe, candidates=[each.estimator for each in stated])
    for was, now in zip(stated, selection.candidates, strict=True):
        require_comparison(manifest.name, f"selection, {was.estimator}", was.walk_forward, now.walk_forward)
        require_same(manifest.name, f"selection, {was.estimator}, shrinkage", was.shrinkage, now.shrinkage)
    chosen = msgspec.structs.replace(recipe, estimator=parse_estimator(selection.chosen)).make(learning.kind)
    served = recipe.make(learning.kind)
    require_same(manifest.name, "estimator of the chosen candidate", repr(served.model), repr(chosen.model))
    return len(stated)


def _rebuild_recipe(folder: Path, bundle: SeriesBundle) -> Recipe:
    manifest, contents = bundle.manifest, read_files(folder)[1]
    scaler, model = load_parts(pick_pickles(contents), trusted_for(folder, manifest).objects)
    entry, features = manifest.feature_set, bundle.forecaster.feature_set
    named = NamedFeatureSet(entry.name, features, (), entry.source_sha256)
    target = Target(RETURN, manifest.horizon_bars, BUILT_IN[RETURN])
    return Recipe(
        manifest.name,
        manifest.symbol,
        manifest.source,
        named,
        manifest.test.rows,
        target,
        estimator=model,
        scaler=scaler,
    )
