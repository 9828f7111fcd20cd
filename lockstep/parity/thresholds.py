"""How near a row is to being sent another way by a tree, and how many leaves there are to reach."""

import numpy as np

from lockstep.data.bars import Array
from lockstep.data.bits import float_ordinals
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.terms import Terms
from lockstep.predict.exact.tree import IS_LEAF, TreeRegressor
from lockstep.predict.model import Model
from lockstep.predict.stages import SCALED


def count_leaves(model: Model) -> int:
    """Return how many leaves the one tree of a model has, 0 for any other model."""
    if not (isinstance(model, ExactModel) and isinstance(model.form.estimator, TreeRegressor)):
        return 0
    return int((model.form.estimator.left == IS_LEAF).sum())


def measure_threshold(model: Model, features: Array, column: int) -> int | None:
    """Return how near a row is to being sent another way by one column, in float32 steps.

    `features` is (n_features,). Of the nodes on the row's path whose term reads the column the nearest counts; None if
    no node does, or the model is not one tree.
    """
    if not (isinstance(model, ExactModel) and isinstance(tree := model.form.estimator, TreeRegressor)):
        return None
    values = model.predict(features[None]).get(SCALED, features[None])[0]
    if model.form.steps and isinstance(terms := model.form.steps[-1], Terms):
        with_one = np.append(values, 1.0)
        values = with_one[terms.first] * with_one[terms.second]
    return _find_nearest(tree, values.astype(np.float32), _reading(model, column, values.size))


def _reading(model: ExactModel, column: int, n_inputs: int) -> np.ndarray:
    """Return which inputs of the tree are made of the column, (n_inputs,)."""
    steps = model.form.steps
    if steps and isinstance(steps[-1], Terms):
        return (steps[-1].first == column) | (steps[-1].second == column)
    return np.arange(n_inputs) == column


def _find_nearest(tree: TreeRegressor, values: np.ndarray, reads: np.ndarray) -> int | None:
    node, nearest = 0, None
    while tree.left[node] != IS_LEAF:
        feature, threshold = tree.feature[node], tree.threshold[node : node + 1].astype(np.float32)
        if reads[feature]:
            steps = int(np.abs(float_ordinals(values[feature : feature + 1]) - float_ordinals(threshold))[0])
            nearest = steps if nearest is None else min(nearest, steps)
        node = tree.left[node] if values[feature] <= tree.threshold[node] else tree.right[node]
    return nearest
