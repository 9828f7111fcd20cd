"""Rows as callers post them beside a frame: records, or cells in the order of the model's Schema."""

from collections.abc import Collection, Sequence, Sized
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from lockstep.data.cells import MAX_SHOWN_CHARACTERS, Cells
from lockstep.data.table import TableSchema
from lockstep.doors.body import SOME, Cell
from lockstep.doors.frame import Frame
from lockstep.errors import InvalidInput, Problem
from lockstep.scoring.score import Schema

Record = dict[str, Cell]
RecordTable = Annotated[list[Annotated[Record, Meta(extra_json_schema={"minProperties": 1})]], SOME]
MISSING = "the record has no such member; write null if it is missing"


@dataclass(frozen=True)
class RecordRows:
    """Rows as objects from a column's name to its cell."""

    records: list[Record]

    def __len__(self) -> int:
        return len(self.records)

    def read_columns(self, schema: Schema) -> tuple[Sequence[str] | None, Sequence[Cells]]:
        """Return the names and the cells of the columns; raise `InvalidInput` if they make no table.

        What a record lacks of the columns of a table is named with its row; any other member is left to the Schema.
        """
        require_rows(self.records)
        names = dict.fromkeys(schema.names if isinstance(schema, TableSchema) else ())
        names |= dict.fromkeys(name for record in self.records for name in record)
        problems = [
            _describe_missing(row, record, names) for row, record in enumerate(self.records) if len(record) < len(names)
        ]
        if problems:
            raise InvalidInput(problems)
        return list(names), [[record[name] for record in self.records] for name in names]


@dataclass(frozen=True)
class CellRows:
    """Rows of cells in the order of the model's Schema."""

    rows: list[list[Cell]]

    def __len__(self) -> int:
        return len(self.rows)

    def read_columns(self, _: Schema) -> tuple[Sequence[str] | None, Sequence[Cells]]:
        """Return no names, and the cells of the columns; raise `InvalidInput` if they make no table."""
        require_rows(self.rows)
        n_columns = len(self.rows[0])
        problems = [
            Problem(row, "columns", f"{len(cells)} cells, but row 0 has {n_columns}")
            for row, cells in enumerate(self.rows)
            if len(cells) != n_columns
        ]
        if problems:
            raise InvalidInput(problems)
        return None, list(zip(*self.rows, strict=True))


PostedRows = Frame | RecordRows | CellRows


def _describe_missing(row: int, record: Record, names: Collection[str]) -> Problem:
    """Return one problem for all that a record lacks: each of n records may have n members of its own."""
    first = next(name for name in names if name not in record)
    others = len(names) - len(record) - 1
    more = f" (and {others} others)" if others else ""
    return Problem(row, first[:MAX_SHOWN_CHARACTERS], f"{MISSING}{more}")


def require_rows(rows: Sized) -> None:
    """Raise `InvalidInput` if there are no rows."""
    if not len(rows):
        raise InvalidInput([Problem(None, "data", "no rows; expected at least one")])
