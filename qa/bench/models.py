"""The bundles of a run, trained anew: a table of flowers, and a series of made-up bars that is long enough."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
from sklearn.datasets import load_iris

from lockstep.applications import read_application
from lockstep.bundles.entries import Source
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.data.calendar import Calendar
from lockstep.data.table_csv import make_table
from lockstep.features.loading import load_feature_set
from lockstep.training.estimators import CLASSIFIER, REGRESSOR, parse_estimator
from lockstep.training.recipe import DEFAULT_FEATURE_SET, Recipe
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_training import train_table
from lockstep.training.training import train
from qa.bench.synthetic import make_bars
from qa.servers import ROOT

FLOWERS, WALK = "flowers", "walk"
COLUMNS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
TARGET = "species"
EVERY_DAY = "1111111"
WALK_BARS = 10_400
"""The bars of the long series: 10,000 of them can be posted with a full look-back before each."""
TEST_ROWS = 500
NO_SOURCE = Source("made-up bars", "0" * 64)


@contextmanager
def train_models() -> Iterator[Path]:
    """Train both into a models folder that lasts as long as the `with` block."""
    with TemporaryDirectory() as folder:
        models = Path(folder)
        train_flowers(models)
        train_walk(models)
        yield models


def train_flowers(models: Path) -> Path:
    """Train a logistic regression on scikit-learn's iris data and return the folder of its version."""
    iris = load_iris()
    columns = dict(zip(COLUMNS, iris.data.T.tolist(), strict=True))
    table = make_table({**columns, TARGET: iris.target_names[iris.target].tolist()})
    trained = train_table(table, TableRecipe(FLOWERS, TARGET, parse_estimator("logistic", CLASSIFIER)))
    return save_bundle(models / FLOWERS, trained.manifest, trained.files)


def train_walk(models: Path) -> Path:
    """Train a small tree on bars that nobody traded and return the folder of its version."""
    bars = make_bars(WALK_BARS)
    calendar = Calendar("every day", EVERY_DAY, bars.dates[0], bars.dates[-1], np.array([], "datetime64[D]"))
    features = load_feature_set(DEFAULT_FEATURE_SET, read_application(ROOT))
    tree = parse_estimator("tree(max_depth=6)", REGRESSOR)
    recipe = Recipe(WALK, "WALK", NO_SOURCE, features, test_rows=TEST_ROWS, estimator=tree)
    trained = train(bars, calendar, recipe)
    return save_bundle(models / WALK, trained.manifest, trained.files)


def copy_bundle(version: Path, models: Path, names: list[str]) -> None:
    """Save copies of a bundle under other names."""
    manifest = load_bundle(version).manifest
    files = {name: (version / name).read_bytes() for name in manifest.files}
    for name in names:
        save_bundle(models / name, seal_manifest(msgspec.structs.replace(manifest, name=name), files), files)
