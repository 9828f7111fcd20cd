"""Forests: the answers of the trees, added in their order, over their number."""

import numpy as np

from lockstep.data.bars import Array
from lockstep.predict.exact.form import Estimate, Labels, label_array
from lockstep.predict.exact.nodes import TreeEstimator, check_nodes, check_values
from lockstep.predict.exact.tree import compile_float32
from lockstep.predict.stages import LEAVES, PREDICTION, PROBA, Stages


class ForestRegressor(TreeEstimator, frozen=True, tag="forest_regressor"):
    """A RandomForestRegressor or ExtraTreesRegressor; `value` is float64 (n_nodes,)."""

    value: np.ndarray

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `leaves` and `prediction`."""
        check_nodes(self, n_inputs)
        check_values(self.value, self)
        walk = compile_float32(self, n_inputs)

        def estimate(inputs: Array) -> Stages:
            leaves = walk(inputs)
            return {LEAVES: leaves, PREDICTION: add_trees(self.value[leaves + self.starts[:-1]]) / self.n_trees}

        return estimate


class ForestClassifier(TreeEstimator, frozen=True, tag="forest_classifier"):
    """A RandomForestClassifier or ExtraTreesClassifier; `value` is float64 (n_nodes, n_classes), the probabilities."""

    value: np.ndarray
    classes: Labels

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `leaves`, `proba` and `prediction`."""
        check_nodes(self, n_inputs)
        labels = label_array(self.classes)
        check_values(self.value, self, labels.shape)
        walk = compile_float32(self, n_inputs)

        def estimate(inputs: Array) -> Stages:
            leaves = walk(inputs)
            proba = add_trees(self.value[leaves + self.starts[:-1]]) / self.n_trees
            return {LEAVES: leaves, PROBA: proba, PREDICTION: labels[np.argmax(proba, axis=1)]}

        return estimate


def add_trees(values: Array, start: Array | float = 0.0) -> Array:
    """Return the start plus values (n, n_trees) or (n, n_trees, k) tree by tree, the first tree first."""
    total = np.zeros((len(values), *values.shape[2:])) + start
    for of_tree in np.moveaxis(values, 1, 0):
        total += of_tree
    return total
