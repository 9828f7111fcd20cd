"""From a category to its code: the table that every encoder is made of."""

from collections.abc import Callable

import msgspec
import numpy as np

from lockstep.data.bars import Array
from lockstep.errors import InvalidBundle, UnknownCategory
from lockstep.predict.exact.form import Kind, require

Find = Callable[[np.ndarray], np.ndarray]
MAX_SHOWN = 40


class Lookup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The codes of one column's categories, float64 (n_known,), in the order of `known`.

    `missing` is the code of a missing cell, None if it is like any other unknown one. `unknown` is the code of every
    category that is not known, None if an encoder refuses them.
    """

    known: list[str | float]
    codes: np.ndarray
    missing: float | None
    unknown: float | None

    @property
    def takes_missing(self) -> bool:
        """Return whether a missing cell has a code."""
        return self.missing is not None or self.unknown is not None

    @property
    def all_codes(self) -> list[float]:
        """Return every code that this table can give."""
        return [*self.codes.tolist(), *(code for code in (self.missing, self.unknown) if code is not None)]

    def compile(self, kind: Kind, position: int) -> Callable[[np.ndarray], Array]:
        """Return the function from a column (n,) of this kind to its codes (n,), which raises `UnknownCategory`.

        Raises `InvalidBundle` unless the categories are different ones of this kind.
        """
        n_known = len(self.known)
        fits = self.codes.dtype == np.float64 and self.codes.shape == (n_known,)
        require(fits and len(set(self.known)) == n_known, "an encoder's codes do not fit its categories")
        find = _find_text(self.known) if kind == "text" else _find_numbers(self.known)
        missing = n_known + 1 if self.missing is None else n_known
        spare = [np.nan if code is None else code for code in (self.missing, self.unknown)]
        codes = np.concatenate([self.codes, spare])

        def look_up(column: np.ndarray) -> Array:
            found = find(column)
            places = np.where(found < 0, n_known + 1, np.where(found > n_known, missing, found))
            if self.unknown is None and (places == n_known + 1).any():
                _refuse(column, np.flatnonzero(places == n_known + 1), position)
            return codes[places]

        return look_up


def _find_text(known: list[str | float]) -> Find:
    """Return a function to positions in `known`: -1 for what is not there, beyond its end for what is missing."""
    require(all(isinstance(category, str) for category in known), "an encoder of numbers reads a column of text")
    places: dict[object, int] = {category: place for place, category in enumerate(known)}
    places[None] = len(known) + 1
    return lambda column: np.array([places.get(cell, -1) for cell in column], dtype=np.int64)


def _find_numbers(known: list[str | float]) -> Find:
    """Return the same for a column of numbers."""
    if any(isinstance(category, str) for category in known):
        raise InvalidBundle("an encoder of text reads a column of numbers")
    categories = np.array(known, dtype=np.float64)
    require(np.isfinite(categories).all(), "a category of an encoder is not finite")
    order = np.argsort(categories, kind="stable")
    rising = np.append(categories[order], np.inf)
    place_of = np.append(order, -1)

    def find(column: np.ndarray) -> np.ndarray:
        nearest = np.minimum(np.searchsorted(rising, column), categories.size)
        found = np.where(rising[nearest] == column, place_of[nearest], -1)
        return np.where(np.isnan(column), categories.size + 1, found)

    return find


def _refuse(column: np.ndarray, rows: np.ndarray, position: int) -> None:
    value = column[rows[0]]
    shown = repr(value.item() if isinstance(value, np.generic) else value)
    shown = shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}…"
    raise UnknownCategory(tuple(rows.tolist()), position, shown)
