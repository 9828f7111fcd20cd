"""The columns of a price file that are not those of the Yahoo format: what is known of them without doubt."""

import re
from dataclasses import replace
from itertools import pairwise

from lockstep.data.bars import DATE
from lockstep.data.cells import Cells, show_cell
from lockstep.data.price_files.cells import PriceCells
from lockstep.data.price_files.dates import is_like_date
from lockstep.data.schema import normalise_column
from lockstep.errors import Problem

ACTIONS = ("dividends", "stock_splits", "capital_gains")
"""What `history()` of yfinance writes beside prices that contain them already."""
UNNAMED = re.compile(r"|unnamed:_\d+|__index_level_\d+__")
"""What an index without a name is called in CSV, in CSV that pandas read and wrote again, and in Parquet."""
COUNTED = "the column without a name, which counts the rows"


def is_unnamed(name: str) -> bool:
    """Return whether a column is an index without a name."""
    return UNNAMED.fullmatch(normalise_column(name)) is not None


def tidy_columns(cells: PriceCells) -> PriceCells:
    """Return the cells without the columns of `ACTIONS`; an index without a name holds the dates, or is left out.

    Raises `InvalidInput` for a column without a name that neither holds the dates nor counts the rows.
    """
    has_date = cells.find(DATE) is not None
    named = [
        (_name_index(cells, column, has_date=has_date) if is_unnamed(name) else name, column, key)
        for name, column, key in zip(cells.names, cells.columns, cells.keys, strict=True)
    ]
    left_out = [name for name, *_ in named if name == COUNTED or normalise_column(name) in ACTIONS]
    kept = [each for each in named if each[0] not in left_out]
    said = [] if has_date or DATE not in [name for name, *_ in kept] else ["a column without a name holds the dates"]
    said += [f"left out: {', '.join(left_out)}"] if left_out else []
    if not said:
        return cells
    names, columns, keys = zip(*kept, strict=True)
    return replace(cells, names=names, columns=columns, keys=keys).saying(*said)


def _name_index(cells: PriceCells, column: Cells, *, has_date: bool) -> str:
    """Return what a column without a name is called: `date`, or `COUNTED`."""
    if not has_date and is_like_date(column[0]):
        return DATE
    if has_date and _counts(column):
        return COUNTED
    expected = "the numbers of the rows" if has_date else "dates, as no column is called Date"
    reason = f"the column without a name holds {show_cell(column[0])}; expected {expected}"
    raise cells.refuse([Problem(None, "columns", f"{reason}. In pandas, write none: prices.to_csv(…, index=False)")])


def _counts(column: Cells) -> bool:
    """Return whether the cells are whole numbers, each larger than the one before."""
    try:
        # a frame that was joined or read once more may count in floats
        numbers = [int(str(cell).removesuffix(".0")) for cell in column]
    except ValueError:
        return False
    return all(before < after for before, after in pairwise(numbers))
