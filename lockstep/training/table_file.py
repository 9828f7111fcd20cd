"""A table in a file, and the estimator that a user names for it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.base import BaseEstimator

from lockstep.bundles.entries import Source
from lockstep.data.table_csv import RawTable, read_table_csv
from lockstep.data.table_parquet import read_table_parquet
from lockstep.data.texts import check_text
from lockstep.training.estimators import parse_estimator
from lockstep.training.specs import parse_spec
from lockstep.training.table_columns import require_column
from lockstep.training.table_target import KINDS, Task, read_target

PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class TableFile:
    """The cells of a file, and its name and digest."""

    table: RawTable
    source: Source


def load_table(path: Path, dropped: Sequence[str] = ()) -> TableFile:
    """Return a table of a CSV or Parquet file without the columns that are dropped.

    Raises `InvalidInput` for what is no table, `TrainingError` for a column that is not there, and OSError.
    """
    check_text("the name of the file", path.name)
    table = read_table_parquet(path) if path.suffix.lower() in PARQUET else read_table_csv(path)
    for name in dropped:
        require_column(table, name)
        table = table.without(name)
    return TableFile(table, Source(path.name, hashlib.sha256(path.read_bytes()).hexdigest()))


def find_estimator(spec: str, table: RawTable, target: str, task: Task | None) -> BaseEstimator:
    """Return the unfitted estimator that `spec` describes; see `parse_spec`.

    A short name such as `forest` is that of a classifier or of a regressor, as the task is or the target needs. A class
    says itself which it is. Raises `TrainingError`.
    """
    if ":" in spec.partition("(")[0]:
        return parse_spec(spec, {})
    return parse_estimator(spec, KINDS[task or read_target(table, target, None).task])
