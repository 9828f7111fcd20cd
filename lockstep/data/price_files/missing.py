"""Lines and columns of a price file without numbers: the line of pandas that drops them, and nothing else."""

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import DATE, PRICE_COLUMNS
from lockstep.data.cells import Cells
from lockstep.data.price_files.refused import Refused
from lockstep.data.rewriting import Key, quote_key, quote_list
from lockstep.data.schema import ADJUSTED_CLOSE

MISSING_CELLS = {"", "NaN", "nan", "null", "NULL", "None", "NA", "N/A", "n/a", "<NA>"}
"""What pandas takes for a missing cell."""
CLOSE = PRICE_COLUMNS[-1]
OTHER_PRICES = PRICE_COLUMNS[:-1]


def advise_dropping(refused: Refused) -> str:
    """Return what to do about missing cells of the columns that are read; empty if there are none."""
    found = {
        name: find_gaps(refused.columns[name].cells)
        for name in (*refused.required, ADJUSTED_CLOSE)
        if name in refused.columns and name != DATE
    }
    gaps = {name: rows for name, rows in found.items() if rows.any()}
    # of a long frame, these are the lines of one series: another one may have the cells that it lacks
    empty = [name for name, rows in gaps.items() if rows.all() and (name == ADJUSTED_CLOSE or not refused.symbols)]
    if empty and empty != [ADJUSTED_CLOSE]:
        return _advise_filling(refused, empty)
    partly = {name: rows for name, rows in gaps.items() if name not in empty}
    if not refused.symbols and partly and np.logical_or.reduce(list(partly.values())).all():
        return "each line lacks a cell that a bar needs, so none is left if they are dropped"
    return _write_line(refused, empty, [refused.columns[name].key for name in partly]) if gaps else ""


def advise_closes(refused: Refused, *steps: str) -> str:
    """Return the line that takes the close for all four prices of a bar, after some steps."""
    close = quote_key(refused.columns[CLOSE].key)
    keys = [refused.columns[name].key if name in refused.columns else name for name in OTHER_PRICES]
    filled = f"assign(**dict.fromkeys({quote_list(keys)}, lambda bars: bars[{close}]))"
    line = refused.again.write(*steps, filled)
    return f"a bar has all four prices; to take the close for each of them, in pandas: {line}"


def find_gaps(cells: Cells) -> NDArray[np.bool_]:
    """Return which cells pandas takes for missing, (n,)."""
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "f":
        return np.isnan(cells)
    return np.array([cell is None or str(cell) in MISSING_CELLS for cell in cells], dtype=np.bool_)


def _advise_filling(refused: Refused, empty: list[str]) -> str:
    if set(OTHER_PRICES) == {name for name in empty if name != ADJUSTED_CLOSE} and not refused.again.keeps_index:
        adjusted = [refused.columns[ADJUSTED_CLOSE].key] if ADJUSTED_CLOSE in empty else []
        return advise_closes(refused, *_write_dropping(adjusted))
    return f"no line has a cell in {', '.join(empty)}, which every bar needs"


def _write_line(refused: Refused, empty: list[str], partly: list[Key]) -> str:
    columns = [refused.columns[name].key for name in empty]
    steps = _write_dropping(columns) + ([f"dropna(subset={quote_list(partly)})"] if partly else [])
    of = " of every series" if refused.symbols else ""
    dropped = [f"the empty column {quote_key(key)}{of}" for key in columns]
    dropped += ["the lines with a missing cell"] if partly else []
    return f"to drop {' and '.join(dropped)}, in pandas: {refused.again.write(*steps)}"


def _write_dropping(columns: list[Key]) -> list[str]:
    return [f"drop(columns={quote_key(key) if isinstance(key, str) else quote_list([key])})" for key in columns]
