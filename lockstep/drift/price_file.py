"""The bars of a price file as they are posted: the cells of its columns, adjusted by what forecasts them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lockstep.data.bars import DATE, VOLUME, Array, Bars, Dates
from lockstep.data.price_csv import TEXT_CELLS, read_price_csv
from lockstep.data.schema import BarsSchema, normalise_column
from lockstep.data.table_csv import read_table_csv


@dataclass(frozen=True)
class PriceFile:
    """The bars, oldest first, and for each the cells of `columns`, the first of which is the date."""

    bars: Bars
    columns: list[str]
    rows: list[list[Any]]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def dates(self) -> Dates:
        """Return the dates, (n,)."""
        return self.bars.dates

    @property
    def close(self) -> Array:
        """Return the closes, adjusted if the file has an adjusted close, (n,)."""
        return self.bars.close

    def write_frame(self, rows: slice) -> dict[str, Any]:
        """Return some of the bars as a split-oriented frame."""
        return {"columns": self.columns, "data": self.rows[rows]}

    def find_place(self, date: np.datetime64) -> int:
        """Return the place of the first bar that is not older than a date."""
        return int(np.searchsorted(self.dates, date))


def read_price_file(path: Path) -> PriceFile:
    """Return the bars of a file in the Yahoo format, oldest first; raise `InvalidInput` naming lines, and OSError."""
    table = read_table_csv(path)
    named = {normalise_column(name): cells for name, cells in zip(table.names, table.columns, strict=True)}
    # what the columns mean is up to the model; here a cell only has to be one, to be named by its line
    bars = read_price_csv(path, BarsSchema(None, "close", reads_volume=VOLUME in named))
    dates = TEXT_CELLS.read_dates([str(cell) for cell in named.pop(DATE)])
    order = np.argsort(dates)
    values = [TEXT_CELLS.read_numbers([str(cell) for cell in cells])[order].tolist() for cells in named.values()]
    cells = zip(bars.dates.astype(str).tolist(), *values, strict=True)
    return PriceFile(bars, [DATE, *named], [list(row) for row in cells])
