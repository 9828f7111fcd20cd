"""Rows as a client has them, before any protocol."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lockstep.data.bars import DATE
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

    def respell(self, texts: Mapping[str, str]) -> "Sheet":
        """Return the sheet with other texts for some."""
        return replace(self, cells=[[texts.get(cell, cell) for cell in row] for row in self.cells])

    def name_days(self) -> "Sheet":
        """Return the sheet with each date as a day, not in milliseconds or in a time zone: few readers know both."""
        if DATE not in self.names:
            return self
        place = self.names.index(DATE)
        cells = [[*row[:place], _name_day(row[place]), *row[place + 1 :]] for row in self.cells]
        return replace(self, cells=cells)

    def arrange(self, places: Sequence[int]) -> "Sheet":
        """Return the sheet with the columns at `places`, in that order."""
        names = tuple(self.names[place] for place in places)
        return replace(self, names=names, cells=[[row[place] for place in places] for row in self.cells])

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


def _name_day(text: str) -> str:
    date = json.loads(text)
    return json.dumps(date[:10] if isinstance(date, str) else str(np.datetime64(date, "ms"))[:10])
