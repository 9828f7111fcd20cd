"""The walk through one small tree: every node is asked at once, and each answer crosses out leaves.

Bit i of a mask stands for leaf i, counted from the left. A row that does not go left at a node cannot end in a leaf
of the node's left branch; the leaf that it ends in is the leftmost that no node crosses out.
"""

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.predict.exact.nodes import NO_NODE, TreeEstimator

MAX_LEAVES = 64
ONE = np.array(1, np.uint64)
ROWS_AT_ONCE = 1_024
"""The masks of so many rows are half a megabyte."""
BEYOND_FLOAT32 = float.fromhex("0x1p+128")
"""What infinity stands for if a float64 is rounded to a float32."""


def fits_masks(form: TreeEstimator) -> bool:
    """Return whether the form is one tree of few leaves."""
    return form.n_trees == 1 and form.left.size < 2 * MAX_LEAVES


class Masks:
    """A checked tree of at most `MAX_LEAVES` leaves, compared as float32."""

    def __init__(self, form: TreeEstimator) -> None:
        """Find for each node the leaves that it may cross out."""
        inner = np.flatnonzero(form.left != NO_NODE)
        self._feature = form.feature[inner].astype(np.intp)
        self._largest = largest_left(form.threshold[inner])[:, None]
        self._missing_left = form.missing_left[inner][:, None] if form.takes_missing else None
        crossed, self._leaves = number_leaves(form.left.tolist(), form.right.tolist())
        self._crossed = np.array([crossed[node] for node in inner], np.uint64)[:, None]

    def __call__(self, inputs: Array) -> NDArray[np.int64]:
        """Return the leaf of each row of float64 (n, n_columns), as a node number (n, 1)."""
        if 0 < len(inputs) <= ROWS_AT_ONCE:
            return self._walk(inputs)
        parts = [self._walk(inputs[at : at + ROWS_AT_ONCE]) for at in range(0, len(inputs), ROWS_AT_ONCE)]
        return np.concatenate([np.empty((0, 1), np.int64), *parts])

    def _walk(self, inputs: Array) -> NDArray[np.int64]:
        compared = inputs.T.take(self._feature, axis=0)
        goes_right = ~(compared <= self._largest)
        if self._missing_left is not None:
            goes_right &= ~(np.isnan(compared) & self._missing_left)
        crossed = np.bitwise_or.reduce(goes_right * self._crossed, axis=0)
        return self._leaves.take(np.bitwise_count(crossed & ~(crossed + ONE)))[:, None]


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


def largest_left(thresholds: Array) -> Array:
    """Return the largest float64 that, as the nearest float32, is at most each threshold.

    So a row goes left by the same rule as with rounded values, and nothing has to be rounded at each walk.
    """
    with np.errstate(over="ignore"):  # beyond float32 is infinite, and on the right side of every node
        nearest = thresholds.astype(np.float32)
        at_most = np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)
        above = np.nextafter(at_most, np.float32(np.inf))
        lower, upper = (np.clip(each.astype(np.float64), -BEYOND_FLOAT32, BEYOND_FLOAT32) for each in (at_most, above))
        middle = (lower + upper) / 2.0  # which of the two it rounds to depends on their last bits
        largest = np.where(middle.astype(np.float32) <= at_most, middle, np.nextafter(middle, -np.inf))
    return np.where(at_most == np.inf, np.inf, largest)
