"""Fit a model on the learning rows of a table, and find out by trying what it takes."""

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from lockstep.data.column import ColumnSchema
from lockstep.data.table import TableRows, TableSchema
from lockstep.predict.model import Model
from lockstep.training.estimators import fit_estimator

UNSEEN = "\N{REPLACEMENT CHARACTER} a category that no table has"
REFUSALS = (ValueError, TypeError, AttributeError)
"""What scikit-learn raises for a cell that it does not take; a vectorizer calls a method that None does not have."""


def fit_table(model: BaseEstimator, rows: TableRows, targets: NDArray[Any]) -> BaseEstimator:
    """Return the model fitted on arrays; raise `TrainingError` with scikit-learn's reason if it cannot be."""
    return fit_estimator(model, as_matrix(rows), targets)


def as_matrix(rows: TableRows) -> NDArray[Any]:
    """Return the rows as scikit-learn reads them, (n, k): float64, or objects if a column holds text."""
    inputs = rows.inputs
    if isinstance(inputs, np.ndarray):
        return inputs
    matrix = np.empty((len(rows), len(inputs)), object)
    for place, column in enumerate(inputs):
        matrix[:, place] = column
    return matrix


def try_columns(model: Model, rows: TableRows) -> TableSchema:
    """Return the schema of the rows, with what the fitted model does with a missing value and an unseen category."""
    first = rows.select(slice(0, 1))
    columns = enumerate(rows.schema.columns)
    return TableSchema(tuple(_try_column(model, first, place, column) for place, column in columns))


def _try_column(model: Model, first: TableRows, place: int, column: ColumnSchema) -> ColumnSchema:
    missing = np.nan if column.kind == "number" else None
    refuses_unseen = column.type == "category" and not _takes(model, first, place, UNSEEN)
    takes_missing = _takes(model, first, place, missing)
    return msgspec.structs.replace(column, takes_missing=takes_missing, refuses_unseen=refuses_unseen)


def _takes(model: Model, first: TableRows, place: int, cell: object) -> bool:
    columns = [column.copy() for column in first.columns]
    columns[place][0] = cell
    try:
        model.predict(replace(first, columns=tuple(columns)).inputs)
    except REFUSALS:
        return False
    return True
