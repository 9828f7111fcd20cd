"""The walk through many trees, or a large one, by Treelite's compiled code; it adds nothing up.

Treelite gets arrays that were checked here, through its C interface, never bytes of a bundle. The value of each leaf
is its own node number, so that its answers are numbers of nodes, exactly.
"""

import ctypes
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.distribution import install_command
from lockstep.errors import LockstepError
from lockstep.predict.exact.nodes import TreeEstimator, number_nodes

CELLS_AT_ONCE = 1 << 20
ONE_THREAD = 1
"""A pool of threads would not survive the fork of a web worker."""


class TreeliteMissing(LockstepError):
    """Treelite is not installed, or is one without the function that takes arrays."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"an ensemble of trees, or a large tree, needs Treelite ({reason}): {install_command('serve')}"
        )


class TreeliteWalk:
    """Checked trees in Treelite's memory."""

    def __init__(self, form: TreeEstimator, n_columns: int) -> None:
        """Copy the trees; raise `TreeliteMissing` without Treelite."""
        self._treelite = import_treelite()
        self._model = self._treelite.Model(handle=load_trees(self._treelite, form, n_columns))

    def __call__(self, inputs: Array) -> NDArray[np.int64]:
        """Return the leaf of each row of float64 (n, n_columns) in each tree, as node numbers (n, n_trees)."""
        nodes = self._treelite.gtil.predict_per_tree(self._model, np.ascontiguousarray(inputs), nthread=ONE_THREAD)
        return np.asarray(nodes[:, :, 0], np.int64)


def rows_at_once(n_columns: int) -> int:
    """Return how many rows of this width are handed over together, which bounds the memory."""
    return max(1, CELLS_AT_ONCE // max(1, n_columns))


def import_treelite() -> ModuleType:
    """Return Treelite, which a model of one small tree, or of none, does not need."""
    try:
        import treelite
        import treelite.core
    except ImportError as error:
        raise TreeliteMissing(str(error)) from error
    if not hasattr(treelite.core._LIB, "TreeliteLoadSKLearnRandomForestRegressorEx"):
        raise TreeliteMissing(f"version {treelite.__version__} takes no arrays")
    return treelite


def load_trees(treelite: ModuleType, form: TreeEstimator, n_columns: int) -> ctypes.c_void_p:
    """Return Treelite's handle of the trees."""
    number, _ = number_nodes(form)
    arrays: list[NDArray[Any]] = [
        *(form.left.astype(np.int64), form.right.astype(np.int64), form.feature.astype(np.int64)),
        *(form.threshold.astype(np.float64), number.astype(np.float64), form.missing_left.astype(np.uint8)),
        *(np.ones(number.size, np.int64), np.ones(number.size), np.ones(number.size)),  # rows, weights, impurities
    ]
    sizes = np.diff(form.starts)
    handle = ctypes.c_void_p()
    status = treelite.core._LIB.TreeliteLoadSKLearnRandomForestRegressorEx(
        ctypes.c_int(form.n_trees),
        ctypes.c_int(max(1, n_columns)),
        ctypes.c_int(1),  # one output
        ctypes.c_void_p(sizes.ctypes.data),
        *(point_into(array, form.starts) for array in arrays),
        ctypes.byref(handle),
    )
    treelite.core._check_call(status)
    return handle


def point_into(array: np.ndarray, starts: np.ndarray) -> "ctypes.Array[ctypes.c_void_p]":
    """Return the address of each tree's part of an array."""
    return (ctypes.c_void_p * (starts.size - 1))(*(array.ctypes.data + array.itemsize * starts[:-1]).tolist())
