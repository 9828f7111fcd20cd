"""One decision tree: the leaf that a row ends in holds the answer."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.predict.exact.form import Estimate, Labels, label_array, require
from lockstep.predict.exact.masks import Masks, fits_masks
from lockstep.predict.exact.nodes import TreeEstimator, check_nodes, check_values
from lockstep.predict.exact.treelite_walk import TreeliteWalk, rows_at_once
from lockstep.predict.stages import LEAF, PREDICTION, PROBA, Stages

Walk = Callable[[Array], NDArray[np.int64]]
"""From float64 (n, n_columns) to the node of each tree that each row ends in, (n, n_trees)."""


class TreeRegressor(TreeEstimator, frozen=True, tag="tree_regressor"):
    """A DecisionTreeRegressor or ExtraTreeRegressor; `value` is float64 (n_nodes,)."""

    value: np.ndarray

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `leaf` and `prediction`."""
        walk = compile_tree(self, n_inputs)
        check_values(self.value, self)

        def estimate(inputs: Array) -> Stages:
            leaf = walk(inputs)[:, 0]
            return {LEAF: leaf, PREDICTION: self.value[leaf]}

        return estimate


class TreeClassifier(TreeEstimator, frozen=True, tag="tree_classifier"):
    """A DecisionTreeClassifier or ExtraTreeClassifier; `value` is float64 (n_nodes, n_classes), the probabilities."""

    value: np.ndarray
    classes: Labels

    def compile(self, n_inputs: int) -> Estimate:
        """Return the function from float64 (n, n_inputs) to `leaf`, `proba` and `prediction`."""
        walk, labels = compile_tree(self, n_inputs), label_array(self.classes)
        check_values(self.value, self, labels.shape)

        def estimate(inputs: Array) -> Stages:
            leaf = walk(inputs)[:, 0]
            proba = self.value[leaf]
            return {LEAF: leaf, PROBA: proba, PREDICTION: labels[np.argmax(proba, axis=1)]}

        return estimate


def compile_tree(form: TreeEstimator, n_inputs: int) -> Walk:
    """Return the walk through one tree; raise `InvalidBundle` for another number of trees or wrong nodes."""
    check_nodes(form, n_inputs)
    require(form.n_trees == 1, f"one tree has {form.n_trees} trees")
    return compile_walk(form, n_inputs)


def compile_walk(form: TreeEstimator, n_inputs: int) -> Walk:
    """Return the walk through checked trees that compare float32."""
    return Masks(form) if fits_masks(form) else compile_float32(form, n_inputs)


def compile_float32(form: TreeEstimator, n_inputs: int) -> Walk:
    """Return the walk of Treelite through checked trees that compare float32."""
    walk = TreeliteWalk(form, n_inputs)

    def walk_float32(inputs: Array) -> NDArray[np.int64]:
        with np.errstate(over="ignore"):  # beyond float32 is infinite, and on the right side of every node
            return walk(inputs.astype(np.float32).astype(np.float64))

    return in_parts(walk_float32, n_inputs, form.n_trees)


def in_parts(walk: Walk, n_columns: int, n_trees: int) -> Walk:
    """Return the same walk, which takes as many rows at once as the memory for columns and trees allows."""
    n_rows = rows_at_once(max(n_columns, n_trees))

    def walk_in_parts(inputs: Array) -> NDArray[np.int64]:
        if 0 < len(inputs) <= n_rows:
            return walk(inputs)
        parts = [walk(inputs[at : at + n_rows]) for at in range(0, len(inputs), n_rows)]
        return np.concatenate([np.empty((0, n_trees), np.int64), *parts])

    return walk_in_parts
