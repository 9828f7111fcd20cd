"""What a job writes of a partition: named columns and rows, as CSV or Parquet, the same bytes each time."""

import csv
import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from lockstep.batch.errors import BatchError
from lockstep.distribution import write_install

Content = Literal["date", "flag", "number", "text", "whole"]


@dataclass(frozen=True)
class Column:
    """A column and what its cells hold; each of them may be missing, which is None."""

    name: str
    content: Content


@dataclass(frozen=True)
class Table:
    """Rows of some columns, the first of which is the symbol; dates are texts in ISO 8601."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]


def check_format(file_format: str) -> None:
    """Raise `BatchError` if tables of this format cannot be written here: Parquet needs pyarrow."""
    if file_format == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise BatchError(f"writing Parquet needs pyarrow; pass --format csv, or run: {write_install('pyarrow')}")


def write_csv(table: Table) -> bytes:
    """Return the rows as comma-separated text that reads back to the same bits; a missing cell is empty."""
    lines = [write_line([column.name for column in table.columns]), *map(write_line, table.rows)]
    return "".join(f"{line}\n" for line in lines).encode()


def write_line(cells: Sequence[Any]) -> str:
    """Return cells as a line of comma-separated text, without its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def write_parquet(table: Table) -> bytes:
    """Return the rows as a Parquet file of one row group."""
    import pyarrow  # only for such files
    from pyarrow import parquet

    kinds = {
        "date": pyarrow.date32(),
        "flag": pyarrow.bool_(),
        "number": pyarrow.float64(),
        "text": pyarrow.string(),
        "whole": pyarrow.int64(),
    }
    cells = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
    arrays = [
        pyarrow.array(_convert(column, held), kinds[column.content])
        for column, held in zip(table.columns, cells, strict=True)
    ]
    written = io.BytesIO()
    parquet.write_table(pyarrow.table(arrays, [column.name for column in table.columns]), written)
    return written.getvalue()


def _convert(column: Column, cells: Sequence[Any]) -> Sequence[Any]:
    if column.content != "date":
        return cells
    return [None if cell is None else date.fromisoformat(cell) for cell in cells]


WRITERS = {"csv": write_csv, "parquet": write_parquet}
