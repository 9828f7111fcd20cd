"""Rows as a client has them, before any protocol."""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.parity.posted import Rows
from lockstep.parity.spelling import Layout


@dataclass(frozen=True)
class Sheet:
    """Rows as the numbers in `cells` say them: a name for each column, and the JSON text of each cell, by row."""

    rows: Rows
    names: tuple[str, ...]
    cells: list[list[str]]
    layout: Layout

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def columns(self) -> list[tuple[str, ...]]:
        """Return the texts by column."""
        return list(zip(*self.cells, strict=True))

    def arrange(self, places: Sequence[int]) -> "Sheet":
        """Return the sheet with the columns at `places`, in that order."""
        names = tuple(self.names[place] for place in places)
        return Sheet(self.rows, names, [[row[place] for place in places] for row in self.cells], self.layout)

    def shuffle(self) -> "Sheet":
        """Return the sheet with its columns in another order, or in this one."""
        draws = self.layout.draws
        return self.arrange(draws.shuffle(range(len(self.names)))) if draws.chance(2) else self

    def write_rows(self) -> str:
        """Return a list of lists of cells."""
        return self.layout.write_list([self.layout.write_list(row) for row in self.cells])

    def write_records(self) -> str:
        """Return a list of objects from column to cell."""
        colon, named = self.layout.colon, [self.layout.write_text(name) for name in self.names]
        records = [[f"{name}{colon}{cell}" for name, cell in zip(named, row, strict=True)] for row in self.cells]
        return self.layout.write_list([f"{{{self.layout.comma.join(each)}}}" for each in records])
