"""The types of a table's columns, as its cells or the user say, and what the learning rows teach of them."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.cells import show_cell
from lockstep.data.column import ColumnSchema, ColumnType
from lockstep.data.price_csv import TEXT_CELLS
from lockstep.data.table import TableRows, TableSchema
from lockstep.data.table_csv import RawTable, TextCells
from lockstep.errors import TrainingError

MAX_CATEGORIES = 100
MIN_ROWS_PER_CATEGORY = 2
"""Text with more different values, or whose values come back less often, is taken for free text."""
MAX_LISTED_NAMES, MAX_LISTED_ODD = 40, 5
DISGUISED = (
    (re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"), "dates",
     "put what the model shall read of them, such as the month, into columns of their own"),
    (re.compile(r"[+-]?\d*,\d+"), "numbers with a decimal comma", "write a decimal point"),
)  # fmt: skip
"""What a cell looks like if it is no text, what it is, and what to do about it."""


@dataclass(frozen=True)
class Typed:
    """The columns that the user says hold categories or free text, whatever their cells look like."""

    categories: Collection[str] = ()
    texts: Collection[str] = ()

    def __post_init__(self) -> None:
        if both := set(self.categories) & set(self.texts):
            raise TrainingError(f"the column {min(both)} is said to hold categories and free text; say one of them")


def infer_schema(table: RawTable, typed: Typed) -> TableSchema:
    """Return the columns of a table with their types; nothing is learned yet, and every cell may be missing.

    Raises `TrainingError` for a column that is not there and for one without any cell.
    """
    for name in (*typed.categories, *typed.texts):
        require_column(table, name)
    if empty := [name for name in table.names if not any(cell is not None for cell in table.column(name))]:
        raise TrainingError(f"the column {empty[0]} has no cell that is not empty; leave it out of the file")
    columns = zip(table.names, table.columns, strict=True)
    return TableSchema(
        tuple(ColumnSchema(name, _choose_type(name, cells, typed), takes_missing=True) for name, cells in columns)
    )


def require_column(table: RawTable, name: str) -> None:
    """Raise `TrainingError`, listing the columns, if there is none of this name."""
    if name not in table.names:
        raise TrainingError(f"there is no column {name!r}; the columns are {_list_names(table.names)}")


def _list_names(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_LISTED_NAMES]) + (", …" if len(names) > MAX_LISTED_NAMES else "")


def _choose_type(name: str, cells: TextCells, typed: Typed) -> ColumnType:
    if name in typed.categories:
        return "category"
    if name in typed.texts:
        return "text"
    found = infer_type(cells)
    if found in ("category", "text"):
        present = [cell for cell in cells if cell is not None]
        _refuse_spoiled_numbers(name, present)
        _refuse_disguised(name, present)
    return found


def _refuse_spoiled_numbers(name: str, present: list[str]) -> None:
    """Raise `TrainingError` for text that is mostly numbers: `NA` in one cell would make categories of all others."""
    odd = [cell for cell in present if not _is_number(cell)]
    if 2 * len(odd) < len(present):
        listed = ", ".join(map(show_cell, sorted(set(odd))[:MAX_LISTED_ODD]))
        raise TrainingError(
            f"the column {name} holds numbers, but for {len(odd)} cell(s): {listed}; leave a missing cell empty, or "
            f"pass --category {name} or --text {name} if it is meant"
        )


def _refuse_disguised(name: str, present: list[str]) -> None:
    """Raise `TrainingError` for dates and the like, of which a model of words or categories would make nothing."""
    for pattern, held, advice in DISGUISED:
        if all(pattern.fullmatch(cell) for cell in present):
            raise TrainingError(
                f"the column {name} holds {held}, such as {show_cell(present[0])}; {advice}, or pass --category {name} "
                f"or --text {name} if it is meant"
            )


def _is_number(cell: str) -> bool:
    try:
        TEXT_CELLS.read_numbers([cell])
    except ValueError:
        return False
    return True


def find_keys(table: RawTable, schema: TableSchema) -> list[str]:
    """Return the columns that a model reads as text and that look like keys: every cell is there, another, one word."""
    found = []
    for column in schema.columns:
        cells = table.column(column.name) if column.type == "text" else []
        words = {cell for cell in cells if cell is not None and len(cell.split()) == 1}
        if cells and len(words) == len(cells):
            found.append(column.name)
    return found


def infer_type(cells: TextCells) -> ColumnType:
    """Return the type of a column with at least one cell: whole numbers, numbers, repeated text or free text."""
    present = [cell for cell in cells if cell is not None]
    try:
        numbers = TEXT_CELLS.read_numbers(present)
    except ValueError:
        n_different = len(set(present))
        repeats = n_different <= MAX_CATEGORIES and len(present) >= MIN_ROWS_PER_CATEGORY * n_different
        return "category" if repeats else "text"
    is_whole = (numbers == np.rint(numbers)).all() and not any(set(cell) & set(".eE") for cell in present)
    return "integer" if is_whole else "number"


def learn_schema(rows: TableRows) -> TableSchema:
    """Return the schema with the ranges and the categories of the learning rows.

    Raises `TrainingError` for a column that all of them miss.
    """
    pairs = zip(rows.schema.columns, rows.columns, strict=True)
    return TableSchema(tuple(_learn_column(column, values) for column, values in pairs))


def _learn_column(column: ColumnSchema, values: NDArray[Any]) -> ColumnSchema:
    present = [value for value in values.tolist() if value is not None and value == value]  # noqa: PLR0124 -- NaN
    if not present:
        raise TrainingError(f"the column {column.name} is empty in all learning rows; leave it out of the file")
    learned: Mapping[str, Any] = {}
    if column.kind == "number":
        learned = {"minimum": min(present), "maximum": max(present)}
    elif column.type == "category":
        learned = {"categories": tuple(sorted(set(present)))}
    return msgspec.structs.replace(column, **learned)


def describe_types(schema: TableSchema) -> list[str]:
    """Return a line for each type that columns have, for people."""
    by_type: dict[str, list[str]] = {}
    for column in schema.columns:
        shown = f"{column.name} ({len(column.categories)})" if column.type == "category" else column.name
        by_type.setdefault(column.type, []).append(shown)
    return [f"{kind}: {_list_names(names)}" for kind, names in by_type.items()]
