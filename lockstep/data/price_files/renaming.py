"""Columns of a price file that are called otherwise: the line of pandas that renames them."""

from collections.abc import Mapping, Sequence

import numpy as np

from lockstep.data.bars import DATE, PRICE_COLUMNS, VOLUME
from lockstep.data.cells import MAX_SHOWN_CHARACTERS, Cells
from lockstep.data.near import LETTERS, pair_names
from lockstep.data.price_files.missing import CLOSE, OTHER_PRICES, advise_closes
from lockstep.data.price_files.refused import Refused
from lockstep.data.rewriting import Key, quote_key, quote_list
from lockstep.data.schema import ADJUSTED_CLOSE, KNOWN
from lockstep.errors import MAX_LISTED

TITLES = {name: name.replace("_", " ").title() for name in KNOWN}
"""The columns as the Yahoo format calls them."""
BLANK = "…"
"""What stands for a name that a person has to choose."""

Pairs = Mapping[str, str]
"""Names of the contract by the unknown names that mean them."""


def advise_renaming(refused: Refused) -> str:
    """Return what to do about columns that are missing or unknown; empty if nothing can be said."""
    unknown = [name for name in refused.columns if name not in KNOWN]
    pairs = _pair(refused, unknown)
    unpaired = [name for name in refused.missing if name not in pairs.values()]
    is_flat = not refused.again.keeps_index  # else there are two levels, of which yfinance gives the names
    if is_flat and not pairs and {DATE, CLOSE} <= refused.columns.keys() and unpaired[:3] == list(OTHER_PRICES):
        return advise_closes(refused, *_write_keeping(refused, unknown))
    if unknown and not pairs and set(unpaired) <= {VOLUME}:
        return _advise(refused, "to leave out the columns that are unknown", _write_keeping(refused, unknown))
    return _advise_pairs(refused, unknown, pairs) if unknown and is_flat else ""


def _advise_pairs(refused: Refused, unknown: Sequence[str], pairs: Pairs) -> str:
    """Return the line that renames columns, with a blank for each name that a person has to choose."""
    unpaired = [name for name in refused.missing if name not in pairs.values()]
    if set(unpaired) <= {VOLUME}:
        return _advise(refused, "to rename the columns", _write_renaming(refused, _name_keys(refused, pairs)))
    if placed := _pair_by_place(refused, pairs):
        steps = _write_renaming(refused, _name_keys(refused, placed))
        return _advise(refused, "to rename the columns in their order, if each pair is right", steps)
    blanks = [(BLANK, TITLES[name]) for name in unpaired]
    rest = [name for name in unknown if name not in pairs and len(name) <= MAX_SHOWN_CHARACTERS]
    listed = [quote_key(refused.columns[name].key) for name in rest]
    shown = ", ".join(listed[:MAX_LISTED]) or "the names in the file"
    steps = _write_renaming(refused, [*_name_keys(refused, pairs), *blanks])
    return _advise(refused, f'to rename the columns, with one of {shown} in the place of each "{BLANK}"', steps)


def _advise(refused: Refused, what: str, steps: Sequence[str]) -> str:
    return f"{what}, in pandas: {refused.again.write(*steps)}"


def _pair(refused: Refused, unknown: Sequence[str]) -> Pairs:
    pairs = pair_names(refused.missing, unknown)
    adjusted = [name for name in unknown if LETTERS.sub("", name).startswith("adj") and name not in pairs]
    # not by likeness: that of `pre_close` is large
    return pairs | ({adjusted[0]: ADJUSTED_CLOSE} if adjusted and ADJUSTED_CLOSE not in refused.columns else {})


def _pair_by_place(refused: Refused, pairs: Pairs) -> Pairs:
    """Return what all columns mean if their number, their order and their prices leave one reading, else nothing."""
    names = list(refused.columns)
    places = dict(zip(names, refused.required, strict=False))
    without_volume = VOLUME not in {pairs.get(name, name) for name in names}
    if len(names) != len((DATE, *PRICE_COLUMNS)) + (not without_volume):
        return {}
    if any(place != pairs.get(name, name) for name, place in places.items() if name in KNOWN or name in pairs):
        return {}
    if not _are_ordered([column.cells for column in refused.columns.values()][1:5]):
        return {}
    return {name: place for name, place in places.items() if name not in KNOWN}


def _are_ordered(prices: Sequence[Cells]) -> bool:
    """Return whether the second of four prices is always the highest, and the third the lowest."""
    try:
        values = np.array([[float(str(cell).replace(",", ".")) for cell in cells] for cells in prices])
    except ValueError:
        return False
    return bool((values[1] == values.max(axis=0)).all() and (values[2] == values.min(axis=0)).all())


def _name_keys(refused: Refused, pairs: Pairs) -> list[tuple[Key, str]]:
    return [(refused.columns[name].key, TITLES[meant]) for name, meant in pairs.items()]


def _write_renaming(refused: Refused, named: Sequence[tuple[Key, str]]) -> list[str]:
    listed = ", ".join(f"{quote_key(key)}: {quote_key(title)}" for key, title in named)
    index = ["reset_index()"] if refused.again.is_parquet else []
    return [*index, f"rename(columns={{{listed}}})", _write_filter(refused, {title for _, title in named})]


def _write_keeping(refused: Refused, unknown: Sequence[str]) -> list[str]:
    """Return the step that leaves out columns that are unknown, if there are any."""
    if not unknown:
        return []
    if refused.again.keeps_index:
        return [f"drop(columns={quote_list([refused.columns[name].key for name in unknown])})"]
    return [_write_filter(refused, set())]


def _write_filter(refused: Refused, renamed: set[str]) -> str:
    """Return the step that keeps the columns that are read, in the order of the contract."""
    known = {name: column.key for name, column in refused.columns.items()}
    keys = [known.get(name, title) for name, title in TITLES.items() if name in known or title in renamed]
    return f"filter({quote_list([*refused.symbols, *keys])})"
