"""What a pickle may call, and what is done instead: each recipe checks its arguments before anything is made.

The functions that numpy pickles arrays with could make an array of whatever addresses a pickle holds: `ndarray` takes a
buffer and any type, and a type's state may say that it holds no objects. So none of them is called as it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

SIMPLE = re.compile(r"b1|[iu][1248]|f[248]|O8|[US]\d{1,6}|V\d{1,4}")
MAX_OUTPUTS = 1_000
CHECK_KEYWORDS = {"dtype", "ensure_all_finite"}


@dataclass(frozen=True)
class Recipe:
    """A function that a pickle asks for, by the name of the original."""

    name: str
    make: Callable[..., Any]


class Unused:
    """A part that no prediction reads, such as a random generator or the loss that a fit minimized."""

    __slots__ = ()


class NoArrayClass:
    """Stands where a pickle names the class `numpy.ndarray`; it makes nothing."""


def make_unused(*_: object) -> Unused:
    """Return a part that no prediction reads, whatever it was made of."""
    return Unused()


def make_dtype(spec: object, align: object = False, copy: object = True) -> np.dtype[Any]:
    """Return a type of bool, numbers, text or objects, or an opaque one; raise ValueError for any other."""
    if not (type(spec) is str and SIMPLE.fullmatch(spec)) or align or not isinstance(copy, bool):
        raise ValueError(f"arrays of {str(spec)[:20] if isinstance(spec, str) else type(spec).__name__} are not read")
    return np.dtype(spec)


def make_array(content: object, dtype: object, shape: object, order: object, axes: object = None) -> np.ndarray:
    """Return the array of the bytes; raise ValueError for types of objects and for shapes that do not fit."""
    if not (isinstance(content, bytes | bytearray) and isinstance(dtype, np.dtype) and not dtype.hasobject):
        raise ValueError("an array is made of bytes, and a type without objects")
    sizes = check_shape(shape)
    array = np.frombuffer(content, dtype)
    if isinstance(content, bytearray):
        array = array.copy()  # a pickle may name the same bytes again, and write through one array what another holds
    if order == "K" and isinstance(axes, tuple):
        return array.reshape(sizes).transpose(check_shape(axes))
    if order not in ("C", "F"):
        raise ValueError("the order of an array is C or F")
    return array.reshape(sizes, order=order)


def make_empty(kind: object, shape: object, typecode: object) -> np.ndarray:
    """Return an empty array, whose state follows in the pickle."""
    if kind is not NO_ARRAY_CLASS or check_shape(shape) != (0,) or type(typecode) is not bytes or typecode != b"b":
        raise ValueError("only an empty plain array is made, to be filled")
    return np.empty(0, np.int8)


def make_scalar(dtype: object, content: object) -> np.generic:
    """Return a number or text; raise ValueError for any other type."""
    if not (isinstance(dtype, np.dtype) and dtype.kind in "biufUS" and type(content) is bytes):
        raise ValueError("a scalar is a number or text")
    if len(content) != dtype.itemsize:
        raise ValueError("the bytes of a scalar do not fit its type")
    return np.frombuffer(content.ljust(1, b"\0"), dtype, 1)[0] if content else np.dtype(dtype).type()


def make_slice(*ends: object) -> slice:
    """Return a slice of whole numbers or texts, as a ColumnTransformer holds."""
    if len(ends) != 3 or not all(end is None or type(end) in (int, str) for end in ends):
        raise ValueError("a slice has three ends, whole numbers or names")
    return slice(*ends)


def make_tree(n_features: object, n_classes: object, n_outputs: object) -> Any:
    """Return an empty scikit-learn Tree; raise ValueError for sizes that its compiled code would believe."""
    from sklearn.tree._tree import Tree  # bundles without pickled trees do not import scikit-learn

    counts = np.array([], np.intp) if not isinstance(n_classes, np.ndarray) else n_classes
    if not (type(n_features) is int and type(n_outputs) is int and n_features > 0 and 0 < n_outputs <= MAX_OUTPUTS):
        raise ValueError("a tree of no features or outputs")
    if counts.dtype != np.intp or counts.shape != (n_outputs,) or not ((counts > 0) & (counts < 2**31)).all():
        raise ValueError("a tree whose classes do not fit its outputs")
    return Tree(n_features, np.ascontiguousarray(counts), n_outputs)


def make_check(function: object) -> partial[Any]:
    """Return the check of inputs that histogram gradient boosting holds; raise ValueError for another function."""
    from sklearn.utils.validation import check_array  # the same

    if function is not CHECK_ARRAY:
        raise ValueError("the only partial function that is read is one of check_array")
    return partial(check_array)


def check_shape(shape: object) -> tuple[int, ...]:
    """Return the shape; raise ValueError unless it is a tuple of whole numbers from 0 on."""
    if not (type(shape) is tuple and all(type(size) is int and size >= 0 for size in shape)):
        raise ValueError("a shape is a tuple of whole numbers")
    return shape


NO_ARRAY_CLASS = NoArrayClass()
CHECK_ARRAY = Recipe("sklearn.utils.validation.check_array", make_unused)
RECIPES: dict[tuple[str, str], object] = {
    ("builtins", "slice"): Recipe("builtins.slice", make_slice),
    ("functools", "partial"): Recipe("functools.partial", make_check),
    ("numpy", "dtype"): Recipe("numpy.dtype", make_dtype),
    ("numpy", "ndarray"): NO_ARRAY_CLASS,
    ("numpy._core.multiarray", "_reconstruct"): Recipe("numpy._core.multiarray._reconstruct", make_empty),
    ("numpy._core.multiarray", "scalar"): Recipe("numpy._core.multiarray.scalar", make_scalar),
    ("numpy._core.numeric", "_frombuffer"): Recipe("numpy._core.numeric._frombuffer", make_array),
    ("sklearn.tree._tree", "Tree"): Recipe("sklearn.tree._tree.Tree", make_tree),
    ("sklearn.utils.validation", "check_array"): CHECK_ARRAY,
}
"""What stands for the functions that pickles call, by (module, name)."""
