"""A posted tensor: its shape is known, its elements become cells once the model's columns are known."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from types import NoneType
from typing import Any

import numpy as np

from lockstep.data.bars import Array
from lockstep.data.cells import UNREADABLE, Cells, show_cell
from lockstep.doors.frame import JSON_CELLS
from lockstep.doors.oip.binary import Misfit, read_texts
from lockstep.doors.oip.datatypes import BOOL, BYTES, ELEMENTS, FLOATS, FP32, FP64, find_limits
from lockstep.errors import MAX_SOUGHT, InvalidInput, Problem

TYPES: dict[str, set[type]] = {FP64: {int, float}, FP32: {int, float}, BOOL: {bool}, BYTES: {str}}
"""What stands in JSON for an element; of all other datatypes a whole number."""
LARGEST_READ = 1 << 1000
"""A whole number beyond it may be no float64; all such are far beyond what a column takes."""
JSON_NAMES: dict[type, str] = {list: "a list", dict: "an object"}


@dataclass(frozen=True)
class Tensor:
    """A tensor of a checked size; `content` are its elements as JSON has them, row by row, or its bytes."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    content: list[Any] | memoryview

    @property
    def n_columns(self) -> int:
        """Return how many columns there are: one without a second dimension."""
        return self.shape[1] if len(self.shape) == 2 else 1

    def read(self, names: Sequence[str]) -> list[Cells]:
        """Return the cells of columns of these names: float64 (n,) with NaN, or texts and None.

        Raises `InvalidInput` for elements that the datatype does not have.
        """
        values, misfits = self._read_texts() if self.datatype == BYTES else self._read_numbers()
        k = self.n_columns
        if misfits:
            raise InvalidInput([Problem(place // k, names[place % k], reason) for place, reason in misfits])
        return list(values.reshape(-1, k).T) if isinstance(values, np.ndarray) else [values[i::k] for i in range(k)]

    def _read_texts(self) -> tuple[list[Any], list[Misfit]]:
        if isinstance(self.content, list):
            return self.content, _find_other_types(self.content, self.datatype)
        return read_texts(self.content, math.prod(self.shape))

    def _read_numbers(self) -> tuple[Array, list[Misfit]]:
        if isinstance(self.content, list):
            if misfits := _find_other_types(self.content, self.datatype):
                return np.empty(0), misfits
            numbers = _convert_cells(self.content)
        else:
            numbers = np.frombuffer(self.content, ELEMENTS[self.datatype]).astype(np.float64, copy=False)
        if self.datatype == FP32:
            with np.errstate(over="ignore"):  # infinity is refused where the limits of a column are checked
                numbers = numbers.astype(np.float32).astype(np.float64)
        return numbers, [] if self.datatype in FLOATS else _find_beyond(numbers, self.datatype)


def _find_other_types(cells: list[Any], datatype: str) -> list[Misfit]:
    """Return the elements of JSON that are neither null nor of the datatype."""
    types = {NoneType, *TYPES.get(datatype, {int})}
    if types.issuperset(map(type, cells)):
        return []
    others = ((place, cell) for place, cell in enumerate(cells) if type(cell) not in types)
    return [
        (place, f"{JSON_NAMES.get(type(cell)) or show_cell(cell)} is no {datatype}")
        for place, cell in islice(others, MAX_SOUGHT)
    ]


def _convert_cells(cells: list[Any]) -> Array:
    """Return numbers and nulls as the nearest float64; NaN for null."""
    try:
        return JSON_CELLS.read_numbers(cells)
    except UNREADABLE:  # a null, or a whole number beyond all float64
        near = [cell if cell is None or abs(cell) < LARGEST_READ else np.inf for cell in cells]
        return np.array(near, np.float64)


def _find_beyond(numbers: Array, datatype: str) -> list[Misfit]:
    """Return the whole numbers that the datatype does not hold, or a float64 not exactly."""
    smallest, largest = find_limits(datatype)
    places = np.flatnonzero((numbers < smallest) | (numbers > largest))[:MAX_SOUGHT].tolist()
    return [(place, f"{numbers[place]:.0f} is beyond {smallest} … {largest} of {datatype}") for place in places]
