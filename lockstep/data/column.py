"""One column of a table: what a model learned of it, and its cells as an array or as a list of what is wrong."""

from dataclasses import replace
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import LARGEST, Array
from lockstep.data.cells import CellReader, Cells, NoCell, read_number_column, show_cell
from lockstep.errors import Problem

Kind = Literal["number", "text"]
Kinds = tuple[Kind, ...]
"""What each column of a model's inputs holds."""

Inputs = Array | tuple[NDArray[np.generic], ...]
"""float64 (n, k) if every column is of numbers; else k columns (n,), float64 or an object array of str and None."""

ColumnType = Literal["number", "integer", "category", "text"]
EXPECTED = {"number": "a number", "integer": "a whole number", "category": "text", "text": "text"}
LARGEST_WHOLE = float((1 << 53) - 1)
"""Beyond it a float64 does not say which whole number was written: 2**53 may have been 2**53 + 1."""
MAX_SHOWN_CATEGORIES = 10


class ColumnSchema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column that a model reads, and what was learned of it.

    `minimum` and `maximum` are those of the learning rows, None for text and where all were missing; `categories` are
    the values of a category there, sorted. A cell beyond them is worth a warning; a category that is not among them is
    refused if the model `refuses_unseen` ones.
    """

    name: str
    type: ColumnType
    takes_missing: bool
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    refuses_unseen: bool = False

    @property
    def kind(self) -> Kind:
        """Return what the inputs of this column hold."""
        return "number" if self.type in ("number", "integer") else "text"

    @property
    def has_sound_range(self) -> bool:
        """Return whether minimum and maximum are in order, or neither is there."""
        if self.minimum is None or self.maximum is None:
            return self.minimum is self.maximum
        return self.minimum <= self.maximum

    def read(self, cells: Cells, reader: CellReader) -> tuple[NDArray[Any], list[Problem]]:
        """Return the cells as float64 or as an object array of str, and a problem for each bad one.

        A missing cell is None in `cells`, or NaN in an array; it is NaN or None in what is returned.
        """
        values: NDArray[Any] = np.full(len(cells), np.nan if self.kind == "number" else None)
        is_array = isinstance(cells, np.ndarray)
        is_present = ~np.isnan(cells) if is_array else np.array([cell is not None for cell in cells])
        present = np.flatnonzero(is_present)
        problems = []
        if present.size:
            values[present], found = self._read_present(_pick_cells(cells, present), reader)
            problems = [replace(problem, row=int(present[problem.row or 0])) for problem in found]
        if present.size < len(cells) and not self.takes_missing:
            reason = "the value is missing, and the model needs one"
            problems += [Problem(row, self.name, reason) for row in np.flatnonzero(~is_present).tolist()]
        return values, problems

    def write(self, values: NDArray[Any]) -> list[float | str | None]:
        """Return the cells that `read` would make the values of."""
        missing = set(self.find_missing(values))
        return [None if row in missing else value for row, value in enumerate(values.tolist())]

    def find_missing(self, values: NDArray[Any]) -> list[int]:
        """Return the rows whose value is missing."""
        is_missing = np.isnan(values) if self.kind == "number" else [value is None for value in values]
        return np.flatnonzero(is_missing).tolist()

    def find_unlearned(self, values: NDArray[Any]) -> list[Problem]:
        """Return which values lie beyond the learned range or categories; what is missing does not."""
        if self.type == "category":
            return self._find_unseen(values.tolist())
        if self.minimum is None or self.maximum is None:
            return []
        if self.minimum <= values.min() and values.max() <= self.maximum:  # not so if one is missing
            return []
        learned = f"the learned range {self.minimum:g} … {self.maximum:g}"
        return self._find((values < self.minimum) | (values > self.maximum), values, f"is outside of {learned}")

    def _read_present(self, cells: Cells, reader: CellReader) -> tuple[NDArray[Any], list[Problem]]:
        if self.kind == "text":
            problems = _find_non_texts(self.name, cells)
            return np.array(cells, object), problems or (self._find_unseen(cells) if self.refuses_unseen else [])
        numbers, problems = read_number_column(
            self.name, cells, reader, EXPECTED[self.type], takes_missing=self.takes_missing
        )
        largest = LARGEST_WHOLE if self.type == "integer" else LARGEST
        problems += self._find(abs(numbers) > largest, numbers, f"is beyond {-largest:g} … {largest:g}")
        if self.type == "integer":
            is_broken = (numbers != np.rint(numbers)) & ~np.isnan(numbers)
            problems += self._find(is_broken, numbers, "is not a whole number")
        return numbers, problems

    def _find(self, is_bad: NDArray[np.bool_], values: NDArray[Any], reason: str) -> list[Problem]:
        rows = np.flatnonzero(is_bad).tolist()
        return [Problem(row, self.name, f"{values[row]} {reason}") for row in rows]

    def _find_unseen(self, cells: Cells) -> list[Problem]:
        shown = ", ".join(map(show_cell, self.categories[:MAX_SHOWN_CATEGORIES]))
        more = len(self.categories) - MAX_SHOWN_CATEGORIES
        reason = f"is none of the learned categories: {shown}" + (f" and {more} more" if more > 0 else "")
        learned = {None, *self.categories}
        return [
            Problem(row, self.name, f"{show_cell(cell)} {reason}")
            for row, cell in enumerate(cells)
            if cell not in learned
        ]


def _pick_cells(cells: Cells, rows: NDArray[np.intp]) -> Cells:
    """Return the cells at `rows`, which are in order."""
    if rows.size == len(cells):
        return cells
    return cells[rows] if isinstance(cells, np.ndarray) else [cells[row] for row in rows.tolist()]


def _find_non_texts(name: str, cells: Cells) -> list[Problem]:
    if all(_is_text(cell) for cell in cells):
        return []
    return [
        Problem(row, name, "the text is empty" if cell == "" else f"{show_cell(cell)} is not text; write it in quotes")
        for row, cell in enumerate(cells)
        if not _is_text(cell)
    ]


def _is_text(cell: object) -> bool:
    return isinstance(cell, str) and cell != "" and not isinstance(cell, NoCell)
