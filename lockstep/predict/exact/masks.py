"""The walk through one small tree: every node is asked at once, and each answer crosses out leaves.

Bit i of a mask stands for leaf i, counted from the left. A row that does not go left at a node cannot end in a leaf
of the node's left branch; the leaf that it ends in is the leftmost that no node crosses out.
"""

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.predict.exact.nodes import NO_NODE, TreeEstimator

MAX_LEAVES = 64
ALL_LEAVES = np.uint64((1 << MAX_LEAVES) - 1)
ROWS_AT_ONCE = 16_384


def fits_masks(form: TreeEstimator) -> bool:
    """Return whether the form is one tree of few leaves."""
    return form.n_trees == 1 and form.left.size < 2 * MAX_LEAVES


class Masks:
    """A checked tree of at most `MAX_LEAVES` leaves, compared as float32."""

    def __init__(self, form: TreeEstimator) -> None:
        """Find for each node the leaves that it may cross out."""
        inner = np.flatnonzero(form.left != NO_NODE)
        self._feature = form.feature[inner]
        self._threshold = round_down(form.threshold[inner])[:, None]
        self._missing_left = form.missing_left[inner][:, None] if form.takes_missing else None
        crossed, self._leaves = number_leaves(form.left.tolist(), form.right.tolist())
        self._keeps = np.array([~crossed[node] & int(ALL_LEAVES) for node in inner], np.uint64)[:, None]

    def __call__(self, inputs: Array) -> NDArray[np.int64]:
        """Return the leaf of each row of float64 (n, n_columns), as a node number (n, 1)."""
        parts = [self._walk(inputs[at : at + ROWS_AT_ONCE]) for at in range(0, len(inputs), ROWS_AT_ONCE)]
        return parts[0] if len(parts) == 1 else np.concatenate([np.empty((0, 1), np.int64), *parts])

    def _walk(self, inputs: Array) -> NDArray[np.int64]:
        with np.errstate(over="ignore"):  # beyond float32 is infinite, and on the right side of every node
            compared = inputs.T[self._feature].astype(np.float32)
        goes_left = compared <= self._threshold
        if self._missing_left is not None:
            goes_left |= np.isnan(compared) & self._missing_left
        left_over = np.bitwise_and.reduce(np.where(goes_left, ALL_LEAVES, self._keeps), axis=0)
        return self._leaves[np.bitwise_count(~left_over & (left_over - np.uint64(1)))][:, None]


def number_leaves(left: list[int], right: list[int]) -> tuple[list[int], NDArray[np.int64]]:
    """Return for each node the mask of the leaves in its left branch, and the nodes that are leaves, from the left."""
    count, first, crossed = [1] * len(left), [0] * len(left), [0] * len(left)
    for node in reversed(range(len(left))):  # a child stands after its parent
        if left[node] != NO_NODE:
            count[node] = count[left[node]] + count[right[node]]
    for node in range(len(left)):
        if left[node] != NO_NODE:
            first[left[node]] = first[node]
            first[right[node]] = first[node] + count[left[node]]
            crossed[node] = ((1 << count[left[node]]) - 1) << first[node]
    leaves = sorted((first[node], node) for node in range(len(left)) if left[node] == NO_NODE)
    return crossed, np.array([node for _, node in leaves])


def round_down(thresholds: Array) -> NDArray[np.float32]:
    """Return the largest float32 at or below each threshold: the same float32 numbers are at most it."""
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(np.float32)
    return np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)
