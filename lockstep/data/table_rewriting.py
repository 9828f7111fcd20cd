"""The line of pandas that writes a table as it can be read: with commas, without an index, with decimal points."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from lockstep.data.rewriting import Key, Rewriting, name_separator, quote_list

OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
COMMA = ","
DECIMAL_COMMA = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+)?(,\d+)?")
"""A number with a decimal comma, or a whole one; points may stand between its thousands."""
AS_WRITTEN = ("dtype=str", "keep_default_na=False")
"""How pandas leaves cells as they are: a category may be called NA."""


def rewrite_table(text: str, path: Path, *options: str) -> str:
    """Return the line for the text of a file, which pandas reads with some options."""
    header = text.partition("\n")[0]
    mark = next((each for each in OTHER_SEPARATORS if each in header and COMMA not in header), COMMA)
    names, columns = _split(text, mark)
    index = ("index_col=0",) if names[:1] == [""] else ()
    again = Rewriting(path, (*options, *name_separator(mark), *index, *AS_WRITTEN))
    return again.write(*_write_points(names, columns))


def _split(text: str, mark: str) -> tuple[list[str], list[Sequence[str]]]:
    """Return the names and the cells of the columns, as far as they can be told; none is refused here."""
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=mark) if line]
    except csv.Error:
        return [], []
    return (lines[0], list(zip(*lines[1:], strict=False))) if lines else ([], [])


def _write_points(names: list[str], columns: list[Sequence[str]]) -> list[str]:
    """Return the steps that write decimal points in the columns whose cells all have a comma, or could."""
    found = [(name, cells) for name, cells in zip(names, columns, strict=False) if _has_decimal_commas(cells)]
    grouped: list[Key] = [name for name, cells in found if any("." in cell for cell in cells)]
    steps = [f'replace(dict.fromkeys({quote_list(grouped)}, r"\\."), "", regex=True)'] if grouped else []
    commas: list[Key] = [name for name, _ in found]
    return [*steps, f'replace(dict.fromkeys({quote_list(commas)}, ","), ".", regex=True)'] if commas else steps


def _has_decimal_commas(cells: Sequence[str]) -> bool:
    return any("," in cell for cell in cells) and all(map(DECIMAL_COMMA.fullmatch, cells))
