"""The states that a pickle gives to what it made: each is checked before the object takes it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from lockstep.bundles.pickles.recipes import CHECK_ARRAY, CHECK_KEYWORDS, check_shape
from lockstep.errors import VersionMismatch

VERSION = "_sklearn_version"
INSTALL = "install that version, or train again with the one installed"


def find_record_type(state: object) -> np.dtype[Any] | None:
    """Return the type of scikit-learn's tree nodes that has this state; None for any other record."""
    from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE  # only pickles need it
    from sklearn.tree._tree import NODE_DTYPE

    for known in (NODE_DTYPE, PREDICTOR_RECORD_DTYPE):
        if equals_plain(state, known.__reduce__()[2]):
            return known
    return None


def equals_plain(found: object, expected: object) -> bool:
    """Return whether what a pickle holds equals plain values: it is not asked, since its answer may run compiled code.

    A sparse matrix compares its items with a number, and follows indices that nobody has checked yet.
    """
    if isinstance(found, np.dtype) and isinstance(expected, np.dtype):
        return found == expected
    if type(found) is not type(expected):
        return False
    if isinstance(found, tuple) and isinstance(expected, tuple):
        return len(found) == len(expected) and all(map(equals_plain, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return set(found) == set(expected) and all(equals_plain(found[key], expected[key]) for key in expected)
    return bool(found == expected)


def fill_array(array: np.ndarray, state: object) -> None:
    """Give an empty array its shape, type and items; raise ValueError if they do not fit each other."""
    if not (type(state) is tuple and len(state) == 5):
        raise ValueError("the state of an array has five parts")
    _, shape, dtype, _, items = state
    size = int(np.prod(check_shape(shape), dtype=object))
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biufUSOV" or dtype.itemsize == 0:
        raise ValueError("an array of an unknown type")  # of items without bytes there could be any number
    if dtype.kind == "O":
        if not (type(items) is list and len(items) == size):
            raise ValueError("an array of objects is filled from as many objects")
    elif not (type(items) is bytes and len(items) == size * dtype.itemsize):
        raise ValueError("the bytes of an array do not fit its shape")
    else:
        items = bytes(bytearray(items))  # numpy keeps the bytes and writes to them, and a pickle may name them again
    array.__setstate__((*state[:4], items))  # what numpy's own pickles call


def fill_tree(tree: Any, state: object) -> None:
    """Give an empty Tree its nodes; raise ValueError for a count or an array that does not fit."""
    if not (type(state) is dict and set(state) == {"max_depth", "node_count", "nodes", "values"}):
        raise ValueError("the state of a tree has other parts")
    nodes, values = state["nodes"], state["values"]
    if not (isinstance(nodes, np.ndarray) and nodes.ndim == 1 and nodes.size and isinstance(values, np.ndarray)):
        raise ValueError("a tree without nodes")
    if type(state["node_count"]) is not int or state["node_count"] != nodes.size:
        raise ValueError(f"a tree of {nodes.size} nodes that claims another count")
    if type(state["max_depth"]) is not int or not 0 <= state["max_depth"] < nodes.size:
        raise ValueError("a tree that claims another depth")
    tree.__setstate__(state)  # compares both arrays' types and shapes


def fill_check(check: partial[Any], state: object) -> partial[Any]:
    """Return the check of inputs with its keywords; raise ValueError for any other state."""
    if not (type(state) is tuple and len(state) == 4 and state[0] is CHECK_ARRAY and equals_plain(state[1], ())):
        raise ValueError("the state of a partial function has other parts")
    if not (type(state[2]) is dict and set(state[2]) <= CHECK_KEYWORDS):
        raise ValueError("a partial function of other keywords")
    if not (state[3] is None or equals_plain(state[3], {})):
        raise ValueError("a partial function has attributes")
    check.__setstate__((check.func, (), dict(state[2]), None))  # type: ignore[attr-defined]
    return check


def fill_object(instance: object, state: object) -> None:
    """Give a plain object its attributes.

    Raises ValueError for a state that would hide a method, and `VersionMismatch` for that of another scikit-learn.
    """
    if not (type(state) is dict and all(type(name) is str for name in state)):
        raise ValueError(f"the state of a {type(instance).__name__} is no dictionary of attributes")
    check_version(type(instance), state)
    for name in state:
        if name.startswith("__") or callable(getattr(type(instance), name, None)):
            raise ValueError(f"the state of a {type(instance).__name__} replaces its method {name}")
    vars(instance).update({name: value for name, value in state.items() if name != VERSION})


def check_version(kind: type, state: Mapping[str, object]) -> None:
    """Raise `VersionMismatch` if the state was written by another version of scikit-learn."""
    written = state.get(VERSION)
    if written is None:
        return
    if type(written) is not str:
        raise ValueError(f"the version of a {kind.__name__} is no text")
    import sklearn  # the module of `kind` has imported it

    if written != sklearn.__version__:
        raise VersionMismatch(
            f"holds a {kind.__name__} of scikit-learn {written[:20]}, but {sklearn.__version__} is installed; {INSTALL}"
        )
