"""Unpickle what scikit-learn's scaler, polynomial features and tree are made of, and nothing else."""

import io
import pickle

from lockstep.errors import ForbiddenPickle, InvalidBundle

# no numpy.ndarray: called with a buffer it would make object arrays of whatever addresses a pickle holds
ALLOWED = {
    ("numpy", "dtype"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("sklearn.pipeline", "Pipeline"),
    ("sklearn.preprocessing._data", "StandardScaler"),
    ("sklearn.preprocessing._polynomial", "PolynomialFeatures"),
    ("sklearn.tree._classes", "DecisionTreeRegressor"),
    ("sklearn.tree._tree", "Tree"),
}

UNREADABLE = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
)
"""What `pickle` raises for bytes that are no pickle."""


class _AllowListUnpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str) -> object:
        if (module_name, global_name) not in ALLOWED:
            raise ForbiddenPickle(f"asks for {module_name}.{global_name}, which is not on the allow-list")
        return super().find_class(module_name, global_name)


def unpickle(content: bytes, name: str) -> object:
    """Return the object in `content`; `name` is the file's, for messages.

    Raises `ForbiddenPickle` before a class or function outside `ALLOWED` is even imported, `InvalidBundle`
    where the bytes are no pickle. Check the digest first: this bounds what a pickle can call, not what it holds.
    """
    try:
        return _AllowListUnpickler(io.BytesIO(content)).load()
    except ForbiddenPickle as error:
        raise ForbiddenPickle(f"{name} {error}") from None
    except UNREADABLE as error:
        raise InvalidBundle(f"{name} cannot be unpickled: {error}") from error
