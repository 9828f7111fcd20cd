"""Small forms of trees, written by hand, and one change of an array at a time."""

from typing import Any

import msgspec
import numpy as np

from lockstep.predict.exact.boosting import BoostingClassifier, BoostingRegressor
from lockstep.predict.exact.categories import Categories
from lockstep.predict.exact.forest import ForestClassifier, ForestRegressor
from lockstep.predict.exact.form import Kinds, numbers
from lockstep.predict.exact.nodes import TreeEstimator
from lockstep.predict.exact.tree import TreeClassifier, TreeRegressor

N_COLUMNS = 3

NODES = {
    # a root with a leaf and an inner node, twice
    "starts": np.array([0, 5, 10]),
    "left": np.array([1, -1, 3, -1, -1] * 2, np.int32),
    "right": np.array([2, -1, 4, -1, -1] * 2, np.int32),
    "feature": np.array([0, -1, 2, -1, -1] * 2, np.int32),
    "threshold": np.array([0.5, 0.0, -1.5, 0.0, 0.0] * 2),
    "missing_left": np.array([True, False, False, False, False] * 2),
    "takes_missing": True,
}
FOREST = ForestClassifier(**NODES, value=np.full((10, 2), 0.5), classes=["a", "b"])  # type: ignore[arg-type]
CATEGORIES = Categories(
    columns=np.array([2, 1]),
    starts=np.array([0, 2, 5]),
    values=np.array([1.0, 4.0, -1.0, 0.0, 2.0]),
    sets=np.arange(512).reshape(2, 256) % 2 == 0,
    node_set=np.array([-1, -1, 0, -1, -1, -1, -1, 1, -1, -1], np.int32),
)
BOOSTING = BoostingClassifier(
    **NODES,  # type: ignore[arg-type]
    value=np.ones(10),
    start=np.zeros(1),
    compares_float32=False,
    categories=CATEGORIES,
    classes=["a", "b"],
    zero_is_second=True,
    doubled=False,
)

ONE_TREE = {
    "starts": np.array([0, 5]),
    **{name: array[:5] for name, array in NODES.items() if isinstance(array, np.ndarray) and name != "starts"},
    "takes_missing": True,
}
BOOSTED = {"start": np.zeros(1), "compares_float32": True, "categories": None}
FORMS: tuple[TreeEstimator, ...] = (
    TreeRegressor(**ONE_TREE, value=np.ones(5)),  # type: ignore[arg-type]
    TreeClassifier(**ONE_TREE, value=np.ones((5, 1)), classes=["a"]),  # type: ignore[arg-type]
    ForestRegressor(**NODES, value=np.ones(10)),  # type: ignore[arg-type]
    FOREST,
    BoostingRegressor(**NODES, **BOOSTED, value=np.ones(10), link="log"),  # type: ignore[arg-type]
    BOOSTING,
)
"""One of each class."""


def change(form: TreeEstimator, name: str, value: Any) -> TreeEstimator:
    """Return the form with another value of a field; `categories.name` is one of its categories'."""
    outer, _, inner = name.partition(".")
    if inner:
        assert isinstance(form, BoostingClassifier)
        assert form.categories is not None
        value = msgspec.structs.replace(form.categories, **{inner: value})
    return msgspec.structs.replace(form, **{outer: value})


def set_at(array: np.ndarray, place: int, value: object) -> np.ndarray:
    """Return a copy of an array with another number at a place."""
    changed = array.copy()
    changed[place] = value
    return changed


def kinds_of(n_columns: int) -> Kinds:
    """Return the kinds of columns of numbers."""
    return numbers(n_columns)
