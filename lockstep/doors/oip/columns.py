"""The columns of a model as tensors: their datatypes, and how their cells are read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lockstep.data.bars import DATE, Array
from lockstep.data.cells import MAX_SHOWN_CHARACTERS, CellReader, Cells
from lockstep.data.schema import normalise_column
from lockstep.data.table import TableSchema
from lockstep.doors.frame import JSON_CELLS
from lockstep.doors.oip.datatypes import BYTES, INT64, NUMBERS
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.score import Schema

Columns = Mapping[str, tuple[str, ...]]
"""The datatypes that each column takes, by its name, in the order of the Schema; the first is the one to send."""

DATATYPES_OF = {
    "number": NUMBERS,
    "integer": (INT64, *(each for each in NUMBERS if each != INT64)),
    "category": (BYTES,),
    "text": (BYTES,),
}


def list_columns(schema: Schema) -> Columns:
    """Return the columns that a model reads."""
    if isinstance(schema, TableSchema):
        return {column.name: DATATYPES_OF[column.type] for column in schema.columns}
    return {DATE: (BYTES, INT64), **dict.fromkeys(schema.columns, NUMBERS)}


def check_datatypes(columns: Columns, posted: Mapping[str, str]) -> None:
    """Raise `InvalidInput` for posted columns of a datatype that they do not take; unknown ones are passed over."""
    problems = []
    for name, datatype in posted.items():
        taken = columns.get(name) or columns.get(normalise_column(name))
        if taken and datatype not in taken:
            reason = f"the datatype is {datatype}; expected {' or '.join(taken)}"
            problems.append(Problem(None, name[:MAX_SHOWN_CHARACTERS], reason))
    if problems:
        raise InvalidInput(problems)


def write_inputs(schema: Schema, rows: Sequence[Sequence[Any]]) -> list[dict[str, object]]:
    """Return rows of cells in the order of the Schema as the tensors that post them."""
    columns = zip(list_columns(schema).items(), zip(*rows, strict=True), strict=True)
    return [
        {"name": name, "shape": [len(cells)], "datatype": taken[0], "data": _write_cells(cells, taken[0])}
        for (name, taken), cells in columns
    ]


def _write_cells(cells: Sequence[Any], datatype: str) -> list[Any]:
    return [int(cell) if datatype == INT64 and cell is not None else cell for cell in cells]


def _read_numbers(cells: Cells) -> Array:
    numbers = cells if isinstance(cells, np.ndarray) else JSON_CELLS.read_numbers(cells)
    if np.isnan(numbers).any():
        raise ValueError("not a number")
    return numbers


TENSOR_CELLS = CellReader(JSON_CELLS.read_dates, _read_numbers, JSON_CELLS.expected_date)
