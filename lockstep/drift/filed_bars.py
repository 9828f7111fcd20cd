"""The bars of a price file as they are posted: the cells of its columns, adjusted by what forecasts them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lockstep.data.bars import DATE, VOLUME, Array, Bars, Dates
from lockstep.data.price_files.form import UNTOLD, PriceForm
from lockstep.data.price_files.reading import read_price_file
from lockstep.data.schema import BarsSchema, normalise_column


@dataclass(frozen=True)
class FiledBars:
    """The bars, oldest first, for each the cells of `columns`, the first of which is the date, and what its form is."""

    bars: Bars
    columns: list[str]
    rows: list[list[Any]]
    said: tuple[str, ...] = ()

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


def read_filed_bars(path: Path, form: PriceForm = UNTOLD) -> FiledBars:
    """Return the bars of a file, oldest first; raise `InvalidInput`, which names lines or rows, and OSError."""
    cells = read_price_file(path, form).cells
    named = {normalise_column(name): column for name, column in zip(cells.names, cells.columns, strict=True)}
    # what the columns mean is up to the model; here a cell only has to be one, to be named by its line
    bars = cells.read(BarsSchema(None, "close", reads_volume=VOLUME in named))
    order = np.argsort(cells.reader.read_dates(named.pop(DATE)))
    values = [cells.reader.read_numbers(column)[order].tolist() for column in named.values()]
    rows = zip(bars.dates.astype(str).tolist(), *values, strict=True)
    return FiledBars(bars, [DATE, *named], [list(row) for row in rows], cells.said)
