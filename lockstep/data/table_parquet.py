"""Parquet files as tables, read by pyarrow, which is installed for this alone."""

from pathlib import Path
from typing import Any

from lockstep.data.table_csv import RawTable, check_header, write_texts
from lockstep.distribution import write_install
from lockstep.errors import InvalidInput, Problem

MAX_CELLS = 500_000_000
"""As many as fill 4 GB with numbers. A file of some megabytes can hold more, and all of them are read at once."""


def read_table_parquet(path: Path) -> RawTable:
    """Return the cells of a Parquet file of numbers and text, a null or NaN as a missing cell; see `read_table_csv`.

    Raises `InvalidInput` for columns of other types; see `read_arrow_table`.
    """
    table = read_arrow_table(path)
    check_header(table.column_names, path.name)
    _check_types(table.schema)
    columns = [write_texts(table.column(name).to_pylist()) for name in table.column_names]
    return RawTable(table.column_names, columns, list(range(table.num_rows)), "row")


def read_arrow_table(path: Path) -> Any:
    """Return the `pyarrow.Table` of a file.

    Raises `InvalidInput` if the file is no Parquet, has no rows or too many cells, and if pyarrow is not installed; and
    OSError.
    """
    try:
        from pyarrow import ArrowException, parquet  # only for such files
    except ImportError as error:
        reason = f"reading Parquet needs pyarrow; run: {write_install('pyarrow')}"
        raise InvalidInput([Problem(None, path.name, reason)]) from error
    try:
        with parquet.ParquetFile(path) as file:  # `read_table` looks for datasets, which takes three times as long
            _check_size(path.name, file.metadata)
            table = file.read(use_threads=False)
    except (ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the system; pyarrow's own have no number
            raise
        reason = f"is no Parquet file that can be read: {' '.join(str(error).split())}"
        raise InvalidInput([Problem(None, path.name, reason)]) from error
    if not table.num_rows:
        raise InvalidInput([Problem(None, path.name, "no rows")])
    return table


def _check_size(name: str, metadata: Any) -> None:
    cells = metadata.num_rows * metadata.num_columns
    if cells > MAX_CELLS:
        reason = f"holds {metadata.num_rows} rows, {cells} cells; at most {MAX_CELLS} are read at once: split the file"
        raise InvalidInput([Problem(None, name, reason)])


def _check_types(schema: Any) -> None:
    from pyarrow import types

    is_read = (types.is_integer, types.is_floating, types.is_string, types.is_large_string, types.is_null)
    problems = []
    for field in schema:
        held = field.type.value_type if types.is_dictionary(field.type) else field.type
        if not any(is_one(held) for is_one in is_read):
            problems.append(Problem(None, field.name, f"holds {held}; expected numbers or text"))
    if problems:
        raise InvalidInput(problems)
