"""Lines without a number, and dates that are there twice, which are refused: the line of pandas that drops them."""

import json
import re
from collections.abc import Mapping, Sequence

from lockstep.data.bars import DATE, PRICE_COLUMNS, TWICE
from lockstep.data.price_files.form import CSV, PARQUET
from lockstep.errors import InvalidInput

MISSING = re.compile(r"('(NaN|nan|null|NULL|None|NA|N/A|n/a|<NA>)?'|nan) is not a number")
"""The reason for a cell that pandas takes for missing."""
CLOSE = PRICE_COLUMNS[-1]
OTHER_PRICES = dict.fromkeys(PRICE_COLUMNS[:-1])
CSV_READING, INDEX = re.compile(r"pd\.read_csv\("), "index_col"
"""How pandas reads a file whose dates may be a column, and the option by which they are none."""


def write_reading(name: str, options: str) -> tuple[str, str]:
    """Return how pandas reads a file with some options of its reader, and how it writes it beside the first one."""
    stem, dot, suffix = name.partition(CSV)
    if name.lower().endswith(PARQUET):
        stem, dot, suffix = name[: -len(PARQUET)], name[-len(PARQUET) :], ""
        return f"pd.read_parquet({json.dumps(name)})", f"to_parquet({json.dumps(f'{stem}.clean{dot}')})"
    index = "" if INDEX in options else ", index=False"
    return (
        f"pd.read_csv({json.dumps(name)}, {options}dtype=str)",
        f"to_csv({json.dumps(f'{stem}.clean{dot}{suffix}')}{index})",
    )


def advise_rewriting(
    error: InvalidInput, again: tuple[str, str] | None, names: Mapping[str, str], symbols: Sequence[str] = ()
) -> str:
    """Return the line that rewrites what is refused; empty if no line of pandas does, or nothing reads the file.

    `names` are the columns of the file by their names in the contract, `symbols` those that say whose bar a line is.
    """
    if again is None:
        return ""
    (read, write), reasons = again, [problem.reason for problem in error.problems]
    has_dates = DATE in names and CSV_READING.match(read) and INDEX not in read
    if has_dates and any(reason.endswith(TWICE) for reason in reasons):
        # each series of a long frame has its own bar of a date
        columns = json.dumps([*symbols, names[DATE]] if symbols else names[DATE])
        kept, of = f'drop_duplicates({columns}, keep="last")', " and series" if symbols else ""
        return f"to keep the last of the lines of one date{of}, in pandas: {read}.{kept}.{write}"
    if any(MISSING.fullmatch(reason) for reason in reasons):
        return f"to drop the lines with a missing cell, in pandas: {read}.dropna().{write}"
    if CLOSE in names and not names.keys() & OTHER_PRICES:
        filled = ", ".join(f"{name}=lambda bars: bars[{json.dumps(names[CLOSE])}]" for name in OTHER_PRICES)
        return (
            f"a bar has all four prices; to take the close for each of them, in pandas: {read}.assign({filled}).{write}"
        )
    return ""
