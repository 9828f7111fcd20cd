"""Tables as text: a CSV file in, and the bundle's own `rows.csv` in and out.

A missing cell is an empty one. An empty text does not exist in a table, so the two cannot be confused.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.price_csv import TEXT_CELLS, check_lengths, decode_text
from lockstep.data.rewriting import advise_encoding
from lockstep.data.table import TableRows, TableSchema
from lockstep.data.table_rewriting import OTHER_SEPARATORS, rewrite_table
from lockstep.data.texts import STEERING
from lockstep.errors import InvalidInput, Problem

ROW_ID = "row_id"
QUOTE = '"'
INDEX = "; for an index that pandas wrote, write the file with index=False"
SPECIAL = re.compile(r'[",\r\n]')

TextCells = list[str | None]


@dataclass(frozen=True)
class RawTable:
    """The cells of a file as text, None if missing, by column.

    `numbers` says what each row is called in messages: the line of a CSV file, or the row of another, as `unit` says.
    """

    names: list[str]
    columns: list[TextCells]
    numbers: list[int]
    unit: str

    def __len__(self) -> int:
        return len(self.numbers)

    def without(self, name: str) -> "RawTable":
        """Return the table without one column."""
        kept = [place for place, each in enumerate(self.names) if each != name]
        return RawTable([self.names[i] for i in kept], [self.columns[i] for i in kept], self.numbers, self.unit)

    def column(self, name: str) -> TextCells:
        """Return the cells of a column that is there."""
        return self.columns[self.names.index(name)]

    def read(self, schema: TableSchema) -> TableRows:
        """Return the rows; raise `InvalidInput` with every bad cell, named as in the file."""
        try:
            return schema.read(self.names, self.columns, TEXT_CELLS)
        except InvalidInput as error:
            raise error.renumbered(self.numbers, self.unit) from None


def make_table(columns: Mapping[str, Sequence[Any]]) -> RawTable:
    """Return a table of named columns of numbers and text; None, NaN and an empty text are missing cells."""
    n_rows = {len(cells) for cells in columns.values()}
    if len(n_rows) != 1:
        raise InvalidInput([Problem(None, "columns", f"columns of different lengths: {sorted(n_rows)}")])
    return RawTable(list(columns), [write_texts(cells) for cells in columns.values()], list(range(*n_rows)), "row")


def write_texts(cells: Iterable[Any]) -> TextCells:
    """Return cells as a CSV file would hold them, numbers in their shortest round-trip form."""
    return [None if cell is None or cell == "" or cell != cell else str(cell) for cell in cells]  # noqa: PLR0124 -- NaN


def read_table_csv(path: Path) -> RawTable:
    """Return the cells of a CSV file with a header. Raises `InvalidInput` naming lines, and OSError."""
    content = path.read_bytes()
    try:
        text = decode_text(content, path.name)
    except InvalidInput as error:
        advice = advise_encoding(content, lambda text, option: rewrite_table(text, path, option))
        raise error.advising(advice) from None
    return parse_table_csv(text, path)


def parse_table_csv(text: str, path: Path | str) -> RawTable:
    """Return the cells of comma-separated text with a header; `path` is the file's. Raises `InvalidInput`."""
    path = Path(path)
    name = path.name
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        numbered = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise InvalidInput([Problem(reader.line_num, name, str(error))], unit="line") from error
    if not numbered:
        raise InvalidInput([Problem(None, name, "no rows; expected a header and a line for each row")])
    check_separator(header, text, path)
    check_lengths(numbered, len(header))
    try:
        check_header(header, name)
    except InvalidInput as error:
        # what the index needs is known, not what the other faults of a header do
        advice = "" if header[0] else f"to leave the first column out, in pandas: {rewrite_table(text, path)}"
        raise error.advising(advice) from None
    columns = [[cell or None for cell in cells] for cells in zip(*(row for _, row in numbered), strict=True)]
    return RawTable(header, columns, [line for line, _ in numbered], "line")


def check_separator(header: Sequence[str], text: str, path: Path) -> None:
    """Raise `InvalidInput` for a header without a comma that has another separator."""
    for separator, called in OTHER_SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            reason = f"the header is separated by {called}; expected commas"
            advice = f"to write commas, in pandas: {rewrite_table(text, path)}"
            raise InvalidInput([Problem(None, path.name, reason)], advice=advice)


def check_header(names: Sequence[str], file: str) -> None:
    """Raise `InvalidInput` for a column without a name, for a name that is there twice or steers a terminal."""
    nameless = [place for place, name in enumerate(names, 1) if not name]
    problems = [Problem(None, file, f"column {place} has no name{INDEX if place == 1 else ''}") for place in nameless]
    twice = {name for name, count in Counter(names).items() if name and count > 1}
    problems += [Problem(None, name, "the column is there more than once") for name in sorted(twice)]
    steering = [place for place, name in enumerate(names, 1) if STEERING.search(name)]
    problems += [Problem(None, file, f"the name of column {place} holds a control character") for place in steering]
    if problems:
        raise InvalidInput(problems)


@dataclass(frozen=True)
class KeyedRows:
    """Rows and the key of each."""

    row_ids: list[str]
    rows: TableRows


def write_rows(keyed: KeyedRows) -> str:
    """Return the text that `parse_rows` reads back to the same bits: the key first, then the columns of the Schema."""
    cells = zip(keyed.row_ids, *map(_write_cells, keyed.rows.columns), strict=True)
    return "".join(f"{','.join(map(quote_cell, line))}\n" for line in ([ROW_ID, *keyed.rows.schema.names], *cells))


def parse_rows(text: str, name: str, schema: TableSchema) -> KeyedRows:
    """Return what `write_rows` wrote; raise `InvalidInput` for anything else."""
    table = parse_table_csv(text, name)
    if table.names != [ROW_ID, *schema.names]:
        raise InvalidInput([Problem(None, name, f"expected the columns {', '.join([ROW_ID, *schema.names])}")])
    row_ids = [cell or "" for cell in table.column(ROW_ID)]
    if "" in row_ids or len(set(row_ids)) < len(row_ids):
        raise InvalidInput([Problem(None, ROW_ID, "a key is missing, or there twice")])
    return KeyedRows(row_ids, table.without(ROW_ID).read(schema))


def quote_cell(cell: str) -> str:
    """Return a text as a cell of CSV, in quotes if it needs them."""
    # the csv module leaves a bare \r unquoted, which reads as the end of the line
    return f'"{cell.replace(QUOTE, QUOTE * 2)}"' if SPECIAL.search(cell) else cell


def _write_cells(values: NDArray[Any]) -> list[str]:
    if values.dtype == np.float64:
        return ["" if math.isnan(value) else repr(value) for value in values.tolist()]
    return ["" if value is None else value for value in values.tolist()]
