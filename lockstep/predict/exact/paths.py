"""The nodes that one row passes in one tree, which say how near it is to another answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.data.bits import float_ordinals
from lockstep.predict.exact.boosting import Boosting
from lockstep.predict.exact.categories import Categories, known_categories
from lockstep.predict.exact.nodes import NO_NODE, TreeEstimator


@dataclass(frozen=True)
class Path:
    """The nodes that a row passes, the root first, the leaf last.

    `nodes` int64 (n,) are numbers of the tree's own nodes. The others are (n - 1,), for each node but the leaf:
    `feature` int64, the column that it compares, and `threshold` and `value`, both float32 or both float64, as the
    tree compares them. The threshold of a split by category is NaN.
    """

    nodes: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.floating]
    value: NDArray[np.floating]

    def distances(self) -> NDArray[np.int64]:
        """Return how many floats lie from each value to its threshold, (n - 1,); -1 if one of the two is NaN."""
        steps = np.abs(float_ordinals(self.value) - float_ordinals(self.threshold))
        return np.where(np.isnan(self.value) | np.isnan(self.threshold), -1, steps)


def path_of(form: TreeEstimator, inputs_row: Array, tree: int = 0) -> Path:
    """Return the path of one row, float64 (n_columns,), through one tree of a form that has been compiled."""
    categories = form.categories if isinstance(form, Boosting) else None
    compared = round_as_compared(form, inputs_row)
    first, node = int(form.starts[tree]), 0
    nodes = [node]
    while form.left[first + node] != NO_NODE:
        goes_left = decide(form, categories, first + node, compared)
        node = int((form.left if goes_left else form.right)[first + node])
        nodes.append(node)
    passed = first + np.array(nodes[:-1], np.int64)
    feature = form.feature[passed].astype(np.int64)
    by_category = np.isin(feature, [] if categories is None else categories.columns)
    threshold = np.where(by_category, np.nan, form.threshold[passed]).astype(compared.dtype)
    return Path(np.array(nodes, np.int64), feature, threshold, compared[feature])


def round_as_compared(form: TreeEstimator, inputs_row: Array) -> NDArray[np.floating]:
    """Return a row as float32 or float64, as the trees compare it."""
    if isinstance(form, Boosting) and not form.compares_float32:
        return inputs_row
    with np.errstate(over="ignore"):  # beyond float32 is infinite, as in the walk
        return inputs_row.astype(np.float32)


def decide(form: TreeEstimator, categories: Categories | None, at: int, row: NDArray[np.floating]) -> bool:
    """Return whether a row goes left at the node in place `at` of the arrays."""
    value = row[form.feature[at]]
    if categories is None or categories.node_set[at] == NO_NODE:
        return bool(form.missing_left[at] if np.isnan(value) else value <= form.threshold[at])
    codes = np.flatnonzero(known_categories(categories, form.feature[at]) == value)
    return bool(categories.sets[categories.node_set[at], codes[0]] if codes.size else form.missing_left[at])
