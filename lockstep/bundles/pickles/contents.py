"""What may come out of a pickle: no cycles, no endless depth, and nothing but the parts of models."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from lockstep.bundles.pickles.allowed import CLASSES, VALUES
from lockstep.bundles.pickles.recipes import Unused

MAX_DEPTH = 100
MAX_OBJECTS = 5_000_000
PLAIN = (type(None), bool, int, float, str, bytes, bytearray, np.generic, np.dtype, slice, Unused)
COMPILED = {
    ("sklearn.neighbors._ball_tree", "BallTree"),
    ("sklearn.neighbors._kd_tree", "KDTree"),
    ("sklearn.tree._tree", "Tree"),
}
"""What holds no Python objects. A pickle cannot bring a search tree; it is built from checked rows."""

CONTAINERS: dict[type, Callable[[Any], Iterable[object]]] = {
    **dict.fromkeys((list, tuple, set, frozenset), iter),
    dict: lambda held: held.values(),
    np.ndarray: lambda held: held.ravel().tolist() if held.dtype.kind == "O" else (),
    partial: lambda held: held.keywords.values(),
}


def check_contents(root: object, trusted: Mapping[str, object]) -> None:
    """Raise ValueError for a cycle, too many or too deeply nested objects, or one that is no part of a model."""
    own = tuple(trusted.values())
    done: set[int] = set()
    path: set[int] = set()
    stack: list[tuple[int, Iterator[object]]] = [(0, iter((root,)))]
    while stack:
        holder, children = stack[-1]
        child = next(children, stack)
        if child is stack:
            stack.pop()
            path.discard(holder)
            done.add(holder)
        elif isinstance(child, PLAIN) or id(child) in done:
            continue  # a part that several hold is looked at once
        elif id(child) in path:
            raise ValueError(f"a {type(child).__name__} holds itself")
        else:
            path.add(id(child))
            stack.append((id(child), iter(list_parts(child, own))))
            if len(stack) > MAX_DEPTH or len(done) > MAX_OBJECTS:
                raise ValueError("objects nested too deeply, or too many")


def list_parts(value: Any, own: tuple[object, ...]) -> Iterable[object]:
    """Return what a container or an object holds; raise ValueError for what no model holds."""
    kind = type(value)
    if (take := CONTAINERS.get(kind)) is not None:
        return take(value)
    if isinstance(value, PLAIN) or _name(kind) in COMPILED or any(value is each for each in own):
        return ()
    if isinstance(value, np.ufunc) and ("numpy", value.__name__) in VALUES:
        return ()
    if isinstance(value, type):
        if _name(value) not in VALUES:
            raise ValueError(f"the class {value.__name__} stands where a value is expected")
        return ()
    if _name(kind) in CLASSES or kind in own:
        return [*vars(value).values(), *(value.values() if isinstance(value, dict) else ())]
    raise ValueError(f"a {kind.__name__} is no part of a model")


def _name(kind: type) -> tuple[str, str]:
    return kind.__module__, kind.__name__
