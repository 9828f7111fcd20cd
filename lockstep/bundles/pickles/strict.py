"""An unpickler that makes objects of allowed classes from checked parts, and calls nothing else.

Python's own unpickler lets a pickle call whatever it may name, with any arguments, and give any object any state: even
the classes and functions of a library. Here a pickle names classes and recipes only; a class makes an empty object, a
recipe checks its arguments, and a state goes to what the pickle itself has made.
"""

import importlib
import pickle
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import Any

import numpy as np

from lockstep.bundles.pickles.allowed import CLASSES, UNUSED_NAMES, VALUES
from lockstep.bundles.pickles.recipes import RECIPES, Recipe, Unused, make_unused
from lockstep.bundles.pickles.states import (
    equals_plain,
    fill_array,
    fill_check,
    fill_object,
    fill_tree,
    find_record_type,
)
from lockstep.errors import ForbiddenPickle

UNUSED_ID = "unused"
KEYS = (str, int, float, bool, bytes, type(None), np.generic)
"""What keys a dictionary and what a set holds; a nested tuple could take for ever to hash."""

OPCODES = (
    "PROTO FRAME STOP MARK NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 LONG4 BINFLOAT BINUNICODE "
    "SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 EMPTY_LIST EMPTY_TUPLE EMPTY_DICT EMPTY_SET TUPLE "
    "TUPLE1 TUPLE2 TUPLE3 GLOBAL STACK_GLOBAL BINPUT LONG_BINPUT MEMOIZE BINGET LONG_BINGET BINPERSID"
)
"""What is done as Python does it: constants, tuples, the memo, and the names that `find_class` judges."""


class _Dispatch(dict[int, Callable[[Any], None]]):
    def __missing__(self, code: int) -> Callable[[Any], None]:
        raise pickle.UnpicklingError(f"opcode {bytes([code])!r} is none that a model needs")


class StrictUnpickler(pickle._Unpickler):
    """Reads one pickle; `trusted` are classes and functions of the application by name."""

    dispatch = _Dispatch()
    stack: list[Any]
    memo: Any
    read: Callable[[int], bytes]
    pop_mark: Callable[[], list[Any]]

    def __init__(self, file: BytesIO, trusted: Mapping[str, object]) -> None:
        super().__init__(file)
        self.trusted = trusted
        self._trusted_classes = {kind for kind in trusted.values() if isinstance(kind, type)}
        self._classes = set(self._trusted_classes)
        self._empty: list[np.ndarray] = []

    def find_class(self, module_name: str, global_name: str) -> object:
        """Return a class, a recipe or a type of numbers; raise `ForbiddenPickle` before anything else is imported."""
        asked = (module_name.replace("numpy.core.", "numpy._core."), global_name)
        if asked in RECIPES:
            return RECIPES[asked]
        if asked in UNUSED_NAMES:
            return Recipe(".".join(asked), make_unused)
        if (own := f"{module_name.replace('.', '/')}.py:{global_name}") in self.trusted:
            return self.trusted[own]  # pickled where the application's folder was on the import path
        if asked not in CLASSES | VALUES:
            raise ForbiddenPickle(f"asks for {module_name}.{global_name}, which is not on the allow-list")
        found = getattr(importlib.import_module(asked[0]), global_name)
        if asked in CLASSES:
            self._classes.add(found)
        return found

    def persistent_load(self, pid: object) -> object:
        """Return a trusted class or function by its name in the application, or a part that is not used."""
        if type(pid) is not str:
            raise ForbiddenPickle(f"asks for {_name(pid)} by its value")
        if pid == UNUSED_ID:
            return Unused()
        if pid not in self.trusted:
            raise ForbiddenPickle(f"asks for {pid[:100]} of the application, which the manifest does not trust")
        return self.trusted[pid]

    def reduce(self) -> None:
        """Call a recipe."""
        args, recipe = self.stack.pop(), self.stack[-1]
        if not isinstance(recipe, Recipe):
            raise ForbiddenPickle(f"calls {_name(recipe)}, which is not on the allow-list of calls")
        self.stack[-1] = made = recipe.make(*args)
        if recipe is RECIPES["numpy._core.multiarray", "_reconstruct"]:
            self._empty.append(made)

    def new_object(self) -> None:
        """Make an empty object of a class."""
        args, kind = self.stack.pop(), self.stack[-1]
        if isinstance(kind, Recipe) and kind.make is make_unused:
            self.stack[-1] = Unused()
        elif args != () or not isinstance(kind, type) or kind not in self._classes:
            raise ForbiddenPickle(f"makes a {_name(kind)} of arguments, which no model needs")
        else:
            self.stack[-1] = object.__new__(kind) if not issubclass(kind, dict) else dict.__new__(kind)

    def build(self) -> None:
        """Give the newest object its state."""
        state, instance = self.stack.pop(), self.stack[-1]
        if isinstance(instance, np.dtype):
            self._build_type(instance, state)
        elif isinstance(instance, np.ndarray):
            if not (self._empty and self._empty.pop() is instance):
                raise ForbiddenPickle("changes an array that was whole")
            fill_array(instance, state)
        elif isinstance(instance, partial):
            fill_check(instance, state)
        elif type(instance) in self._trusted_classes and hasattr(type(instance), "__setstate__"):
            instance.__setstate__(state)
        elif type(instance) in self._classes:
            fill_object(instance, state)
        elif type(instance).__module__ == "sklearn.tree._tree":
            fill_tree(instance, state)
        elif not isinstance(instance, Unused):
            raise ForbiddenPickle(f"changes {_name(instance)}, which it has not made")

    def _build_type(self, dtype: np.dtype[Any], state: object) -> None:
        if dtype.kind != "V":
            if not equals_plain(state, dtype.__reduce__()[2]):
                raise ValueError(f"a type {dtype} of another state")
            return
        known = find_record_type(state)
        if known is None:
            return  # its arrays stay opaque bytes, which nothing reads
        self.stack[-1] = known  # a type in use is never changed: another one takes its place
        for place, value in self.memo.items():
            if value is dtype:
                self.memo[place] = known

    def set_items(self, pairs: list[Any]) -> None:
        """Put keys and values, one after the other, into the newest dictionary."""
        keys, held = pairs[::2], self.stack[-1]
        if not (type(held) is dict or type(held).__name__ == "Bunch") or len(pairs) % 2:
            raise TypeError(f"items are put into {_name(held)}")
        if not all(isinstance(key, KEYS) for key in keys):
            raise ValueError("a key is neither text nor a number")
        for key, value in zip(keys, pairs[1::2], strict=True):
            dict.__setitem__(held, key, value)

    def append_items(self, items: list[Any]) -> None:
        """Append to the newest list."""
        if type(self.stack[-1]) is not list:
            raise TypeError(f"items are appended to {_name(self.stack[-1])}")
        self.stack[-1].extend(items)

    def make_set(self, items: list[Any], make: type) -> None:
        """Fill the newest set, or make a frozen one."""
        if not all(isinstance(item, KEYS) for item in items):
            raise ValueError("a member of a set is neither text nor a number")
        if make is frozenset:
            self.stack.append(frozenset(items))
        elif type(self.stack[-1]) is set:
            self.stack[-1].update(items)
        else:
            raise TypeError(f"members are added to {_name(self.stack[-1])}")

    def read_bytearray(self) -> None:
        """Push the bytes of an array that can be written to, of no more bytes than there are."""
        content = bytearray(self.read(int.from_bytes(self.read(8), "little")))
        self.stack.append(content)


def _name(value: object) -> str:
    return f"a {type(value).__name__}" if not isinstance(value, type | Recipe) else getattr(value, "name", str(value))


def _pop_two(unpickler: Any) -> list[Any]:
    value = unpickler.stack.pop()
    return [unpickler.stack.pop(), value]


_INHERITED = pickle._Unpickler.dispatch
_OWN: dict[bytes, Callable[[Any], None]] = {
    pickle.REDUCE: lambda self: self.reduce(),
    pickle.NEWOBJ: lambda self: self.new_object(),
    pickle.BUILD: lambda self: self.build(),
    pickle.SETITEM: lambda self: self.set_items(_pop_two(self)),
    pickle.SETITEMS: lambda self: self.set_items(self.pop_mark()),
    pickle.APPEND: lambda self: self.append_items([self.stack.pop()]),
    pickle.APPENDS: lambda self: self.append_items(self.pop_mark()),
    pickle.ADDITEMS: lambda self: self.make_set(self.pop_mark(), set),
    pickle.FROZENSET: lambda self: self.make_set(self.pop_mark(), frozenset),
    pickle.BYTEARRAY8: lambda self: self.read_bytearray(),
}
StrictUnpickler.dispatch.update(
    {getattr(pickle, name)[0]: _INHERITED[getattr(pickle, name)[0]] for name in OPCODES.split()}
)
StrictUnpickler.dispatch.update({code[0]: handle for code, handle in _OWN.items()})
