"""The recipe that is made again from a bundle trains the same model."""

from pathlib import Path

import msgspec
import pytest
from sklearn.tree import DecisionTreeClassifier

from lockstep.applications import find_application
from lockstep.bundles.bundle import EXACT_FILE
from lockstep.bundles.evaluation import EVALUATION_FILE
from lockstep.bundles.saving import save_bundle
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import InvalidBundle
from lockstep.training.named_targets import load_target
from lockstep.training.prices import Prices
from lockstep.training.rebuilding import rebuild_recipe, train_again
from lockstep.training.recipe import Recipe
from lockstep.training.table_rows import TableRecipe
from lockstep.training.training import train
from qa.servers import ROOT
from tests.small_tables import TARGET, load_table, save_table


@pytest.mark.parametrize("is_classifier", [False, True])
def test_the_same_bars_give_the_same_model(
    bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path: Path, measured_once: None, is_classifier: bool
) -> None:
    asked = msgspec.structs.replace(recipe, interval="none") if is_classifier else recipe
    if is_classifier:
        estimator = DecisionTreeClassifier(max_depth=2, random_state=3)
        target = load_target("direction", 2, find_application(ROOT))
        asked = msgspec.structs.replace(asked, estimator=estimator, target=target, scaler=None)
    trained = train(bars, calendar, asked)
    folder = save_bundle(tmp_path / "models" / "tiny", trained.manifest, trained.files)
    rebuilt = msgspec.structs.replace(rebuild_recipe(folder), name="tiny", symbol="TINY", test_rows=120)
    again = train_again(rebuilt, Prices(bars, calendar, recipe.source))
    for name in (EXACT_FILE, EVALUATION_FILE):
        assert again.files[name] == trained.files[name]
    described = ("scores", "estimator", "target", "horizon_bars", "interval", "feature_set", "guarantees")
    for member in described:
        assert getattr(again.manifest, member) == getattr(trained.manifest, member)


def test_a_model_of_a_table_has_no_such_recipe(tmp_path: Path) -> None:
    recipe = TableRecipe("iris", TARGET, DecisionTreeClassifier(max_depth=2))
    table = save_table(tmp_path / "models", load_table("iris"), recipe)
    with pytest.raises(InvalidBundle, match="is a model of a table; expected one of a series"):
        rebuild_recipe(table)
