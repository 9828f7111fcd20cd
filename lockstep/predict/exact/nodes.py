"""The nodes of one or many decision trees, in arrays one after another."""

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import InvalidBundle
from lockstep.predict.exact.form import Estimator, check_floats, require

NO_NODE = -1
MAX_NODES, MAX_TREES, MAX_VALUES = 20_000_000, 100_000, 100_000_000
"""Far more than any model that a process could hold beside its requests."""


class TreeEstimator(Estimator, frozen=True, tag=True):
    """One or many binary trees.

    The nodes of tree i are `starts[i]` to `starts[i + 1]` of every other array, (n_nodes,): int32 `left` and `right`,
    numbers of nodes of the same tree, -1 in a leaf; int32 `feature`, the column that the node compares, -1 in a leaf;
    float64 `threshold`; bool `missing_left`. A row goes left if its value is at most the threshold, or if it is NaN
    and `missing_left` is set. `takes_missing` says whether a row may hold NaN.
    """

    starts: np.ndarray
    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray
    takes_missing: bool

    @property
    def has_sklearn_bits(self) -> bool:
        """Return whether scikit-learn's own answers have the same bits: it adds trees in their order."""
        return True

    @property
    def n_trees(self) -> int:
        """Return how many trees there are."""
        return self.starts.size - 1


def check_nodes(form: TreeEstimator, n_columns: int) -> None:
    """Raise `InvalidBundle` unless the nodes are whole trees, each node after its parent, reading columns inside."""
    check_shapes(form)
    number, first = number_nodes(form)
    n_own = np.repeat(np.diff(form.starts), np.diff(form.starts))
    is_leaf = form.left == NO_NODE
    forward = (form.left > number) & (form.right > number) & (form.left < n_own) & (form.right < n_own)
    reads = (form.feature >= 0) & (form.feature < n_columns) & (form.threshold > -np.inf)
    blank = (form.right == NO_NODE) & (form.feature == NO_NODE)
    sound = np.where(is_leaf, blank, forward & reads)
    require_nodes(sound, form, "points outside the tree, reads a column that is not there, or has no threshold")
    children = np.concatenate([part[~is_leaf] + first[~is_leaf] for part in (form.left, form.right)])
    parents = np.bincount(children, minlength=number.size)
    require_nodes(parents == (number > 0), form, "has not one parent")


def check_shapes(form: TreeEstimator) -> None:
    """Raise `InvalidBundle` unless the arrays fit each other."""
    starts, n_nodes = form.starts, form.left.size
    require(starts.dtype == np.int64 and starts.ndim == 1, "starts of trees: not one row of whole numbers")
    require(1 < starts.size <= MAX_TREES + 1, f"{starts.size - 1} trees; there may be 1 to {MAX_TREES}")
    require(n_nodes <= MAX_NODES, f"{n_nodes} nodes of trees; there may be {MAX_NODES}")
    require(starts[0] == 0 and starts[-1] == n_nodes and (np.diff(starts) > 0).all(), "the trees have gaps")
    arrays = {"left": np.int32, "right": np.int32, "feature": np.int32, "threshold": np.float64, "missing_left": bool}
    for name, dtype in arrays.items():
        array = getattr(form, name)
        require(array.dtype == dtype and array.shape == (n_nodes,), f"{name} of trees: {array.dtype} {array.shape}")


def number_nodes(form: TreeEstimator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each node its number in its own tree, and where its tree begins."""
    first = np.repeat(form.starts[:-1], np.diff(form.starts))
    return np.arange(first.size) - first, first


def check_values(value: np.ndarray, form: TreeEstimator, shape: tuple[int, ...] = ()) -> None:
    """Raise `InvalidBundle` unless `value` is finite float64, of this shape for each node."""
    require(value.size <= MAX_VALUES, f"{value.size} values of trees; there may be {MAX_VALUES}")
    check_floats(value, (form.left.size, *shape), "values of trees")


def require_nodes(sound: NDArray[np.bool_], form: TreeEstimator, reason: str) -> None:
    """Raise `InvalidBundle` that names the first node that is not sound."""
    if not sound.all():
        node = int(np.argmin(sound))
        tree = int(np.searchsorted(form.starts, node, side="right")) - 1
        named = f"node {node - int(form.starts[tree])}" + (f" of tree {tree}" if form.n_trees > 1 else "")
        raise InvalidBundle(f"{named} {reason}")
