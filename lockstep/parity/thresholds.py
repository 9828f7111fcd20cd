"""How near a row is to being sent another way by a tree, and how many leaves there are to reach."""

import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.nodes import NO_NODE
from lockstep.predict.exact.paths import path_of
from lockstep.predict.exact.terms import Terms
from lockstep.predict.exact.tree import TreeClassifier, TreeRegressor
from lockstep.predict.model import Model
from lockstep.predict.stages import SCALED


def count_leaves(model: Model) -> int:
    """Return how many leaves the one tree of a model has, 0 for any other model."""
    if not (isinstance(model, ExactModel) and isinstance(model.form.estimator, TreeRegressor | TreeClassifier)):
        return 0
    return int((model.form.estimator.left == NO_NODE).sum())


def measure_threshold(model: Model, features: Array, column: int) -> int | None:
    """Return how near a row is to being sent another way by one column, in float32 steps.

    `features` is (n_features,). Of the nodes on the row's path whose term reads the column the nearest counts; None if
    no node does, or the model is not one tree.
    """
    if not (isinstance(model, ExactModel) and isinstance(tree := model.form.estimator, TreeRegressor | TreeClassifier)):
        return None
    values = model.predict(features[None]).get(SCALED, features[None])[0]
    if model.form.steps and isinstance(terms := model.form.steps[-1], Terms):
        with_one = np.append(values, 1.0)
        values = with_one[terms.first] * with_one[terms.second]
    path = path_of(tree, values)
    distances = path.distances()[_reading(model, column, values.size)[path.feature] & ~np.isnan(path.value)]
    return int(distances.min()) if distances.size else None


def _reading(model: ExactModel, column: int, n_inputs: int) -> np.ndarray:
    """Return which inputs of the tree are made of the column, (n_inputs,)."""
    steps = model.form.steps
    if steps and isinstance(steps[-1], Terms):
        return (steps[-1].first == column) | (steps[-1].second == column)
    return np.arange(n_inputs) == column
