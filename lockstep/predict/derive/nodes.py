"""The nodes of fitted trees, as the arrays of a form."""

from collections.abc import Iterable
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from sklearn.tree._tree import Tree

from lockstep.data.bars import Array
from lockstep.errors import InvalidBundle
from lockstep.predict.derive.families import NoExactForm
from lockstep.predict.exact.nodes import NO_NODE


class NodeArrays(TypedDict):
    """The arrays of a `TreeEstimator`, for its constructor."""

    starts: NDArray[np.int64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: Array
    missing_left: NDArray[np.bool_]


def gather_nodes(trees: list[Tree]) -> NodeArrays:
    """Return the nodes of trees one after another; what a leaf does not use is blank."""
    is_leaf = join(tree.children_left == NO_NODE for tree in trees)
    return {
        "starts": count_starts([tree.node_count for tree in trees]),
        "left": to_int32(join(tree.children_left for tree in trees)),
        "right": to_int32(join(tree.children_right for tree in trees)),
        "feature": to_int32(np.where(is_leaf, NO_NODE, join(tree.feature for tree in trees))),
        "threshold": np.where(is_leaf, 0.0, join(tree.threshold for tree in trees)),
        "missing_left": ~is_leaf & join(tree.missing_go_to_left for tree in trees).astype(bool),
    }


def gather_values(trees: list[Tree]) -> Array:
    """Return the values of the leaves, 0 elsewhere, float64 (n_nodes, n_values)."""
    is_leaf = join(tree.children_left == NO_NODE for tree in trees)
    return np.where(is_leaf[:, None], join(tree.value[:, 0, :] for tree in trees), 0.0)


def check_tree(tree: object, n_values: int) -> Tree:
    """Return a fitted tree of one output with this many values a leaf; refuse any other."""
    if not isinstance(tree, Tree):
        raise InvalidBundle(f"a tree is a {type(tree).__name__}")
    if tree.n_outputs != 1:
        raise NoExactForm(f"a tree of {tree.n_outputs} outputs; one has an exact form")
    if tree.max_n_classes != n_values or not tree.node_count:
        raise InvalidBundle(f"a tree of {tree.node_count} nodes with {tree.max_n_classes} values, not {n_values}")
    return tree


def takes_missing(estimator: Any) -> bool:
    """Return whether scikit-learn takes rows with NaN for an estimator of this class and these parameters."""
    return bool(estimator.__sklearn_tags__().input_tags.allow_nan)


def count_starts(sizes: list[int]) -> NDArray[np.int64]:
    """Return where each part begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(np.array(sizes, np.int64))])


def to_int32(numbers: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return the same whole numbers; raise `InvalidBundle` if one is too large for any node."""
    if numbers.size and max(-numbers.min(), numbers.max()) > np.iinfo(np.int32).max:
        raise InvalidBundle("a tree counts its nodes or columns beyond any limit")
    return numbers.astype(np.int32)


def join(parts: Iterable[Any]) -> NDArray[Any]:
    """Return the arrays one after another."""
    return np.concatenate(list(parts))
