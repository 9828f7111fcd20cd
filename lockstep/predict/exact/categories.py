"""Splits by category: a node sends some of a column's categories to the left.

Such a node becomes a comparison with a number: for each set of categories there is one more column, which is 0 in the
set, 1 outside of it, and NaN for a missing or unknown category.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.predict.exact.form import require
from lockstep.predict.exact.nodes import NO_NODE, TreeEstimator

MAX_CATEGORIES = 256
INSIDE, BETWEEN, OUTSIDE = 0.0, 0.5, 1.0


class Categories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The columns that hold categories, their known categories, and the sets that nodes send to the left.

    `columns` are int64 (c,); the categories of column i, rising, are `starts[i]` to `starts[i + 1]` of `values`,
    float64. `sets` are bool (n_sets, 256), by the place of a category among those of its column; `node_set` is int32
    (n_nodes,), the set of each node, -1 for a node that compares a number.
    """

    columns: np.ndarray
    starts: np.ndarray
    values: np.ndarray
    sets: np.ndarray
    node_set: np.ndarray

    @property
    def n_sets(self) -> int:
        """Return how many sets there are, each of which becomes a column."""
        return len(self.sets)


def check_categories(categories: Categories, form: TreeEstimator, n_columns: int) -> None:
    """Raise `InvalidBundle` unless the arrays fit each other and the nodes."""
    for ints in (categories.columns, categories.starts):
        require(ints.dtype == np.int64 and ints.ndim == 1, "columns of categories: not whole numbers")
    columns, starts, values = categories.columns, categories.starts, categories.values
    require(((columns >= 0) & (columns < n_columns)).all(), "categories of a column that is not there")
    require(np.unique(columns).size == columns.size == starts.size - 1, "the columns of categories differ in number")
    require(values.dtype == np.float64 and values.ndim == 1, "categories: not numbers")
    sizes = np.diff(starts)
    require(starts[0] == 0 and starts[-1] == values.size and (sizes >= 0).all(), "the categories have gaps")
    require((sizes <= MAX_CATEGORIES).all(), f"a column has more than {MAX_CATEGORIES} categories")
    rising = np.concatenate([np.diff(values) > 0.0, [True]])
    rising[starts[1:][sizes > 0] - 1] = True  # from the last of a column to the first of the next
    require(rising.all() and np.isfinite(values).all(), "the categories of a column do not rise")
    sets, node_set = categories.sets, categories.node_set
    require(sets.dtype == bool and sets.ndim == 2 and sets.shape[1] == MAX_CATEGORIES, "the sets are not 256 flags")
    require(node_set.dtype == np.int32 and node_set.shape == form.left.shape, "the sets do not fit the nodes")
    asks = node_set != NO_NODE
    require(((node_set >= NO_NODE) & (node_set < len(sets))).all(), "a node has a set that is not there")
    require((np.isin(form.feature, columns) == asks).all(), "a node compares a category with a number")
    columns_of_sets = find_columns(categories, form)
    shared = columns_of_sets[node_set[asks]] != form.feature[asks]
    require(not shared.any() and (columns_of_sets != NO_NODE).all(), "a set of categories is not of one column")


def find_columns(categories: Categories, form: TreeEstimator) -> NDArray[np.int64]:
    """Return the column that each set is about, -1 for one that no node has."""
    columns = np.full(categories.n_sets, NO_NODE, np.int64)
    asks = categories.node_set != NO_NODE
    columns[categories.node_set[asks]] = form.feature[asks]
    return columns


class Membership:
    """The columns of checked inputs, and one more for each set."""

    def __init__(self, categories: Categories, form: TreeEstimator, n_columns: int) -> None:
        """Arrange the sets by the column that they are about."""
        self._n_columns, self.n_wide = n_columns, n_columns + categories.n_sets
        columns = find_columns(categories, form)
        self.place = np.empty(categories.n_sets, np.int64)  # of each set, among the wide columns
        self._blocks, at = [], n_columns
        for column in np.unique(columns):
            of_column = np.flatnonzero(columns == column)
            self.place[of_column] = np.arange(at, at + of_column.size)
            known = known_categories(categories, column)
            self._blocks.append((int(column), at, known, tabulate(categories.sets[of_column], known.size - 1)))
            at += of_column.size

    def __call__(self, inputs: Array) -> Array:
        """Return float64 (n, n_wide) for float64 (n, n_columns)."""
        wide = np.empty((len(inputs), self.n_wide))
        wide[:, : self._n_columns] = inputs
        for column, at, known, table in self._blocks:
            values = inputs[:, column]
            code = np.searchsorted(known[:-1], values)
            code = np.where(known[code] == values, code, known.size - 1)
            wide[:, at : at + table.shape[1]] = table[code]
        return wide


def known_categories(categories: Categories, column: int) -> Array:
    """Return the categories of a column and NaN, which stands for all others."""
    which = int(np.flatnonzero(categories.columns == column)[0])
    return np.append(categories.values[categories.starts[which] : categories.starts[which + 1]], np.nan)


def tabulate(sets: NDArray[np.bool_], n_known: int) -> Array:
    """Return for each code of a category, and last for all others, what the column of each set holds."""
    inside = np.where(sets[:, :n_known].T, INSIDE, OUTSIDE)
    return np.concatenate([inside, np.full((1, len(sets)), np.nan)])
