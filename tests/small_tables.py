"""Small tables to train on: those that scikit-learn ships, and one with gaps, categories and whole numbers."""

from pathlib import Path
from typing import Any

import numpy as np
from sklearn import datasets

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.table import TableBundle, as_table
from lockstep.data.table_csv import RawTable, make_table
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_training import train_table

TARGET = "target"
LOADERS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast-cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
}


def load_table(name: str) -> RawTable:
    """Return a table that scikit-learn ships; a target of classes holds their names."""
    loaded = LOADERS[name]()
    target = loaded.target_names[loaded.target] if hasattr(loaded, "target_names") else loaded.target
    columns = [column.replace(" (cm)", "") for column in loaded.feature_names]
    return make_table({**dict(zip(columns, loaded.data.T.tolist(), strict=True)), TARGET: target.tolist()})


def make_gaps(n_rows: int = 240, seed: int = 5) -> RawTable:
    """Return a table of sales: numbers with gaps, whole numbers, a category with gaps, and a target of each kind."""
    rng = np.random.default_rng(seed)
    price, rooms = rng.lognormal(3.0, 0.4, n_rows), rng.integers(1, 7, n_rows)
    town = rng.choice(["Bath", "Hull", "York"], n_rows)
    value = price * rooms + np.select([town == "Bath", town == "Hull"], [40.0, -25.0]) + rng.normal(0.0, 3.0, n_rows)
    columns: dict[str, list[Any]] = {"price": price.tolist(), "rooms": rooms.tolist(), "town": town.tolist()}
    for place, name in enumerate(("price", "town")):
        for row in range(place, n_rows, 11):
            columns[name][row] = None
    is_dear = np.where(value > np.median(value), "dear", "cheap")
    return make_table({**columns, "value": value.tolist(), "is_dear": is_dear.tolist()})


def save_table(folder: Path, table: RawTable, recipe: TableRecipe) -> Path:
    """Train on a table and return the folder of the first version."""
    trained = train_table(table, recipe)
    return save_bundle(folder / recipe.name, trained.manifest, trained.files)


def load_saved(folder: Path) -> TableBundle:
    """Return the bundle in a folder."""
    return as_table(load_bundle(folder))
