"""Write fitted objects as pickles that `unpickle` reads."""

import inspect
import io
import pickle
from collections.abc import Mapping
from types import FunctionType

from lockstep.bundles.pickles.recipes import Unused
from lockstep.bundles.pickles.strict import UNUSED_ID
from lockstep.bundles.unpickle import NOTHING
from lockstep.errors import ForbiddenPickle


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, trusted: Mapping[str, object]) -> None:
        super().__init__(file, protocol=5)
        self.trusted, self.used = trusted, set[str]()

    def persistent_id(self, obj: object) -> str | None:
        """Return the name of a trusted class or function, or of a part that is not used; None for anything else."""
        if isinstance(obj, Unused):
            return UNUSED_ID
        if not isinstance(obj, type | FunctionType):
            return None
        for name, each in self.trusted.items():
            if _is_same(obj, each):
                self.used.add(name)
                return name
        return None


def dump_objects(fitted: object, trusted: Mapping[str, object] = NOTHING) -> tuple[bytes, tuple[str, ...]]:
    """Return the pickle of a fitted object, and the names of `trusted` that it holds, in alphabetical order.

    A trusted class is recognized by its source file and name as well: a script may have imported it as another module.
    Without trusted classes the bytes are those of `pickle.dumps`. Raises `ForbiddenPickle` for what has no pickle.
    """
    file = io.BytesIO()
    pickler = _Pickler(file, trusted)
    try:
        pickler.dump(fitted)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ForbiddenPickle(
            f"{type(fitted).__name__} cannot be pickled: {error}; define it in a file of the application"
        ) from error
    return file.getvalue(), tuple(sorted(pickler.used))


def _is_same(found: type | FunctionType, trusted: object) -> bool:
    if found is trusted:
        return True
    if not isinstance(trusted, type | FunctionType) or found.__qualname__ != trusted.__qualname__:
        return False
    try:
        return inspect.getfile(found) == inspect.getfile(trusted)
    except (TypeError, OSError):  # a class without a file, such as a built-in one
        return False
