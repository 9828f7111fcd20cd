"""What to do about a refused price file: the line of pandas that mends it, if one does."""

import re

from lockstep.data.bars import DATE, TWICE
from lockstep.data.price_files.missing import MISSING_CELLS, advise_dropping
from lockstep.data.price_files.refused import Refused
from lockstep.data.price_files.renaming import advise_renaming
from lockstep.data.rewriting import quote_key, quote_list
from lockstep.data.schema import KNOWN
from lockstep.errors import InvalidInput

MISSING = re.compile(rf"('({'|'.join(map(re.escape, MISSING_CELLS))})'|nan) is not a number")
"""The reason for a cell that pandas takes for missing."""


def advise_rewriting(error: InvalidInput, refused: Refused) -> str:
    """Return the line that rewrites what is refused; empty if no line of pandas does."""
    reasons = [problem.reason for problem in error.problems]
    if refused.missing or not refused.columns.keys() <= set(KNOWN):
        return advise_renaming(refused)
    is_column = not refused.again.is_parquet and not refused.again.keeps_index
    if is_column and any(reason.endswith(TWICE) for reason in reasons):
        return _advise_once(refused)
    return advise_dropping(refused) if any(map(MISSING.fullmatch, reasons)) else ""


def _advise_once(refused: Refused) -> str:
    """Return the line that keeps the last line of each date."""
    # each series of a long frame has its own bar of a date
    date = refused.columns[DATE].key
    columns = quote_list([*refused.symbols, date]) if refused.symbols else quote_key(date)
    of = " and series" if refused.symbols else ""
    line = refused.again.write(f'drop_duplicates({columns}, keep="last")')
    return f"to keep the last of the lines of one date{of}, in pandas: {line}"
