"""A price file that is refused: what the line of pandas that mends it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from lockstep.data.cells import Cells
from lockstep.data.rewriting import Key, Rewriting


@dataclass(frozen=True)
class Column:
    """A column of a file: what pandas calls it, and its cells."""

    key: Key
    cells: Cells


@dataclass(frozen=True)
class Refused:
    """How pandas rewrites a file, its columns by their names in the contract, and the columns that a bar needs.

    `symbols` are the keys of the columns that say of which series a line is; they are not among `columns`.
    """

    again: Rewriting
    columns: Mapping[str, Column]
    required: tuple[str, ...]
    symbols: tuple[Key, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Return the names that the file lacks."""
        return [name for name in self.required if name not in self.columns]
