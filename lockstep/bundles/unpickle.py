"""Read the pickles of a bundle: what scikit-learn's models are made of, what the manifest trusts, and nothing else."""

import io
import pickle
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType

from lockstep.bundles.pickles.allowed import list_families
from lockstep.bundles.pickles.contents import check_contents
from lockstep.bundles.pickles.joblib_files import JoblibUnpickler, decompress
from lockstep.bundles.pickles.strict import StrictUnpickler
from lockstep.errors import ForbiddenPickle, InvalidBundle, VersionMismatch

NOTHING: Mapping[str, object] = MappingProxyType({})
UNREADABLE = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What is raised for bytes that are no pickle, or that hold parts which do not fit each other."""

TRUST = (
    "A class of your own can be trusted: define it in a file of the application, import it from there where the model "
    'is fitted, name it in lockstep.toml, as in trusted = ["preprocessing/steps.py:Clip"], and train or dump again'
)


def unpickle(content: bytes, name: str, trusted: Mapping[str, object] = NOTHING) -> object:
    """Return the object in `content`; `name` is the file's, for messages.

    `trusted` are the classes and functions of the application that the manifest names. Raises `ForbiddenPickle` before
    a class or function outside the allow-list is even imported, `InvalidBundle` for bytes that are no pickle or hold
    what no model does, `VersionMismatch` for a model of another scikit-learn. Check the digest first, and the fitted
    state (`check_state`) before the object predicts.
    """
    return _load(lambda: StrictUnpickler(io.BytesIO(content), trusted), name, trusted)


def unpickle_joblib(content: bytes, name: str, trusted: Mapping[str, object] = NOTHING) -> object:
    """Return the object in a pickle or a file of joblib, which may be compressed, as `unpickle` does."""
    return _load(lambda: JoblibUnpickler(io.BytesIO(decompress(content)), trusted), name, trusted)


def _load(open_pickle: Callable[[], StrictUnpickler], name: str, trusted: Mapping[str, object]) -> object:
    try:
        found = open_pickle().load()
        check_contents(found, trusted)
    except ForbiddenPickle as error:
        raise ForbiddenPickle(f"{name} {error}. {TRUST}. Every family that can be read:{list_families()}") from None
    except VersionMismatch as error:
        raise VersionMismatch(f"{name} {error}") from None
    except UNREADABLE as error:
        raise InvalidBundle(f"{name} cannot be unpickled: {str(error) or 'its bytes end early'}") from error
    return found
