"""One decision tree: every node compares one column, as float32, with its threshold."""

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.predict.exact.form import Estimate, Estimator, require
from lockstep.predict.stages import LEAF, PREDICTION, Stages

IS_LEAF = -1


class TreeRegressor(Estimator, frozen=True, tag="tree_regressor"):
    """A DecisionTreeRegressor or ExtraTreeRegressor of one output.

    All arrays are (n_nodes,): int64 `left`, `right` and `feature` (-1 in a leaf), float64 `threshold` and `value`. A
    row goes left if its float32 value is at most the threshold.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    value: np.ndarray

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `leaf` and `prediction`."""
        n_nodes = self.left.size
        require(n_nodes >= 1, "the tree has no nodes")
        for ints in (self.left, self.right, self.feature):
            require(ints.dtype == np.int64 and ints.shape == (n_nodes,), "the tree's arrays do not fit each other")
        for floats in (self.threshold, self.value):
            require(floats.dtype == np.float64 and floats.shape == (n_nodes,), "the tree's arrays do not fit")
        nodes, is_leaf = np.arange(n_nodes), self.left == IS_LEAF
        forward = (self.left > nodes) & (self.right > nodes) & (np.maximum(self.left, self.right) < n_nodes)
        reads = (self.feature >= 0) & (self.feature < n_inputs) & np.isfinite(self.threshold)
        sound = np.where(is_leaf, self.right == IS_LEAF, forward & reads) & np.isfinite(self.value)
        require(sound.all(), f"node {int(np.argmin(sound))} of the tree points outside it, or is not finite")

        def estimate(inputs: Array) -> Stages:
            leaf = self._walk(inputs)
            return {LEAF: leaf, PREDICTION: self.value[leaf]}

        return estimate

    def _walk(self, inputs: Array) -> NDArray[np.int64]:
        with np.errstate(over="ignore"):  # beyond float32 is infinite, and on the right side of every node
            compared = inputs.astype(np.float32)
        node = np.zeros(len(inputs), np.int64)
        rows = np.arange(len(inputs))
        while rows.size:
            rows = rows[self.left[node[rows]] != IS_LEAF]
            here = node[rows]
            goes_left = compared[rows, self.feature[here]] <= self.threshold[here]
            node[rows] = np.where(goes_left, self.left[here], self.right[here])
        return node
