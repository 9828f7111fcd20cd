"""Decision trees, forests and gradient boosting: compiled code follows the nodes and checks no index."""

from typing import Any

import numpy as np

from lockstep.bundles.fitted_state.shapes import count_inputs, require

LEAF = -1


def check_tree(estimator: Any) -> None:
    """Check the nodes of one fitted decision tree."""
    tree: Any = getattr(estimator, "tree_", None)
    require(type(tree).__name__ == "Tree", estimator, "tree is missing")
    n_inputs = count_inputs(estimator)
    require(tree.n_features == n_inputs, estimator, f"tree was made for {tree.n_features} columns, not {n_inputs}")
    left, right, nodes = tree.children_left, tree.children_right, np.arange(tree.node_count)
    forward = (left > nodes) & (right > nodes) & (np.maximum(left, right) < nodes.size)
    reads = (tree.feature >= 0) & (tree.feature < n_inputs)
    sound = np.where(left == LEAF, right == LEAF, forward & reads) & np.isfinite(tree.value).all(axis=(1, 2))
    require(sound.all(), estimator, f"node {int(np.argmin(sound))} points outside the tree, or is not finite")
    require(_measure_depth(left, right) <= tree.max_depth, estimator, "tree is deeper than it claims")


def _measure_depth(left: np.ndarray, right: np.ndarray) -> int:
    depth, level = -1, np.zeros(1, np.intp)
    while level.size:  # ends: a child's number is larger than its parent's
        inner = level[left[level] != LEAF]
        level, depth = np.unique(np.concatenate([left[inner], right[inner]])), depth + 1
    return depth


def check_forest(forest: Any) -> None:
    """Check that every tree reads the columns that the forest was fitted on."""
    trees = getattr(forest, "estimators_", None)
    require(type(trees) is list and len(trees) > 0, forest, "trees are missing")
    _check_widths(forest, trees)


def check_gradient_boosting(model: Any) -> None:
    """Check the table of trees of one output each, and that as many numbers are predicted to begin with."""
    trees: Any = getattr(model, "estimators_", None)
    require(isinstance(trees, np.ndarray) and trees.ndim == 2 and trees.size > 0, model, "trees are missing")
    _check_widths(model, trees.ravel())
    for each in trees.ravel():
        require(each.tree_.value.shape[1:] == (1, 1), model, "trees answer more than one number")
    n_columns = trees.shape[1]
    require(getattr(model, "n_trees_per_iteration_", None) == n_columns, model, "trees are not one for each class")
    first = model._raw_predict_init(np.zeros((1, count_inputs(model)), np.float32))
    require(first.shape == (1, n_columns) and first.dtype == np.float64, model, "first prediction has another shape")


def _check_widths(owner: Any, trees: Any) -> None:
    n_inputs = count_inputs(owner)
    for each in trees:
        require(hasattr(each, "tree_") and each.n_features_in_ == n_inputs, owner, "trees read other columns")
