"""What a model of a table reads: named columns, and from their cells to its inputs or to every bad cell."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.data.cells import MAX_SHOWN_CHARACTERS, UNREADABLE, CellReader, Cells
from lockstep.data.column import LARGEST_WHOLE, ColumnSchema, Inputs, Kinds
from lockstep.data.near import MAX_COMPARED, find_missing
from lockstep.errors import MAX_SOUGHT, InvalidInput, Problem

MAX_SHOWN_NAMES = 20


class TableSchema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model of a table reads: its columns, in the order in which it was fitted."""

    columns: tuple[ColumnSchema, ...]

    @property
    def names(self) -> list[str]:
        """Return the names of the columns."""
        return [column.name for column in self.columns]

    @property
    def kinds(self) -> Kinds:
        """Return what each column of the inputs holds."""
        return tuple(column.kind for column in self.columns)

    def read(self, names: Sequence[str] | None, columns: Sequence[Cells], reader: CellReader) -> "TableRows":
        """Return the rows of a table, in its order, or raise `InvalidInput` with every bad cell.

        `names` are as written, in any order; None stands for the columns of the Schema, in its order. `columns` are
        the cells of each, all of one length, at least one. A missing cell is None, in an array NaN.
        """
        arranged = self._arrange(names, columns)
        if "text" not in self.kinds and (numbers := self._read_numbers(arranged, reader)) is not None:
            return TableRows(self, tuple(numbers))
        values: list[NDArray[Any]] = []
        problems: list[Problem] = []
        for column, cells in zip(self.columns, arranged, strict=True):
            read, found = column.read(cells, reader)
            values.append(read)
            problems += found
            if len(problems) >= MAX_SOUGHT:
                break
        if problems:
            raise InvalidInput(sorted(problems, key=lambda problem: problem.row or 0))
        return TableRows(self, tuple(values))

    def _read_numbers(self, columns: Sequence[Cells], reader: CellReader) -> Array | None:
        """Return the cells of columns of numbers, (k, n), all at once; None if one is missing or may be refused."""
        try:
            numbers = reader.read_matrix(columns)
        except UNREADABLE:
            return None
        whole = [place for place, column in enumerate(self.columns) if column.type == "integer"]
        if not np.abs(numbers).max() <= LARGEST_WHOLE or (whole and (numbers[whole] != np.rint(numbers[whole])).any()):
            return None
        return numbers

    def _arrange(self, names: Sequence[str] | None, columns: Sequence[Cells]) -> list[Cells]:
        """Return the columns in the order of the Schema."""
        expected = self.names
        if names == expected:
            return list(columns)
        listed = ", ".join(expected[:MAX_SHOWN_NAMES]) + (", …" if len(expected) > MAX_SHOWN_NAMES else "")
        if names is None:
            if len(columns) != len(expected):
                reason = f"{len(columns)} cells in a row; expected {len(expected)}, in this order: {listed}"
                raise InvalidInput([Problem(None, "columns", reason)])
            return list(columns)
        unknown = f"unknown column; expected {listed}"
        counts, known = Counter(names), set(expected)
        strange = [name for name in islice(counts, MAX_COMPARED + len(expected)) if name not in known]
        problems = find_missing([name for name in expected if name not in counts], strange)
        for name, count in counts.items():
            if len(problems) >= MAX_SOUGHT:
                break
            shown = name[:MAX_SHOWN_CHARACTERS]
            if name not in known:
                problems.append(Problem(None, shown, unknown))
            if count > 1:
                problems.append(Problem(None, shown, f"the column is there {count} times"))
        if problems:
            raise InvalidInput(problems)
        named = dict(zip(names, columns, strict=True))
        return [named[name] for name in expected]


@dataclass(frozen=True)
class TableRows:
    """Validated rows: a column (n,) for each of the Schema, float64 or objects; what is missing is NaN or None."""

    schema: TableSchema
    columns: tuple[NDArray[Any], ...]

    def __len__(self) -> int:
        return self.columns[0].size

    @property
    def inputs(self) -> Inputs:
        """Return the inputs of the model."""
        return self.columns if "text" in self.schema.kinds else np.stack(self.columns, axis=1)

    def select(self, rows: slice | NDArray[np.intp]) -> "TableRows":
        """Return the rows at `rows`, in that order."""
        return TableRows(self.schema, tuple(column[rows] for column in self.columns))

    def describe_unlearned(self) -> list[str]:
        """Return a line for each cell beyond what was learned: at most 20, and one that counts the others."""
        found: list[Problem] = []
        for column, values in zip(self.schema.columns, self.columns, strict=True):
            found += column.find_unlearned(values)
            if len(found) >= MAX_SOUGHT:
                break
        return InvalidInput(sorted(found, key=lambda problem: problem.row or 0)).lines if found else []
