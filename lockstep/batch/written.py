"""What a job has written, read back: the rows of each series, as the lines of CSV that they are or would be."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lockstep.batch.folder import OutputFolder
from lockstep.batch.job import Partition
from lockstep.batch.marks import Mark, digest_file, read_mark
from lockstep.batch.table import write_line
from lockstep.data.table_parquet import read_arrow_table

Lines = dict[str, list[str]]
"""The rows of each series by its symbol."""


def find_fault(folder: OutputFolder, partition: Partition) -> str:
    """Return what is wrong with the files of a partition, empty if they are what the run has written, and whole.

    Each of its series has to be in its table or among its bad ones, and not in both.
    """
    mark, path = read_mark(folder.mark_of(partition)), folder.table_of(partition)
    if mark is None:
        return f"{partition.name} is not finished"
    if digest_file(path) != mark.sha256:
        return f"{path} is not the file that the run has written: its SHA-256 is another one"
    return _find_other_series(mark, partition, list(read_lines(path)) if mark.sha256 else [])


def _find_other_series(mark: Mark, partition: Partition, held: Sequence[str]) -> str:
    expected, found = [each.symbol for each in partition.sources], [*held, *(each.symbol for each in mark.bad)]
    if sorted(found) == expected:
        return ""
    missing = sorted(set(expected) - set(found))
    return f"{partition.name} lacks {', '.join(missing)}" if missing else f"{partition.name} holds a series twice"


def read_lines(path: Path) -> Lines:
    """Return the rows of a table by symbol, in their order; raise OSError or `InvalidInput` if it cannot be read."""
    lines: Lines = {}
    for row in _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path):
        lines.setdefault(str(row[0]), []).append(write_line(row))
    return lines


def _read_csv(path: Path) -> Iterator[Sequence[str]]:
    reader = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    next(reader)
    yield from reader


def _read_parquet(path: Path) -> Iterator[Sequence[Any]]:
    table = read_arrow_table(path)
    yield from zip(*(column.to_pylist() for column in table.columns), strict=True)
