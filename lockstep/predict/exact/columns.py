"""Columns out of inputs, and inputs out of columns: one matrix where all are numbers, else a tuple."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.predict.exact.form import Inputs, Kinds

Column = NDArray[np.generic]
"""float64 (n,), or an object array of str and None."""


def count_rows(inputs: Inputs) -> int:
    """Return the number of rows."""
    return len(inputs[0]) if isinstance(inputs, tuple) else len(inputs)


def matrix_of(inputs: Inputs) -> Array:
    """Return inputs that `compile` found to be numbers only as the matrix (n, k) that they are."""
    return cast("Array", inputs)


def column_of(inputs: Inputs, position: int) -> Column:
    """Return one column (n,)."""
    return inputs[position] if isinstance(inputs, tuple) else inputs[:, position]


def take_columns(inputs: Inputs, positions: Sequence[int], kinds: Kinds) -> Inputs:
    """Return the columns at these positions; `kinds` are theirs, and decide between a matrix and a tuple."""
    if not isinstance(inputs, tuple):
        return inputs[:, list(positions)]
    return join_columns([inputs[position] for position in positions], kinds, len(inputs[0]))


def join_columns(columns: Sequence[Column], kinds: Kinds, n_rows: int) -> Inputs:
    """Return a float64 matrix (n_rows, k) if all columns are numbers, else the tuple of them."""
    if "text" in kinds:
        return tuple(columns)
    matrix: Array = np.empty((n_rows, len(columns)))
    for position, column in enumerate(columns):
        matrix[:, position] = column
    return matrix


def join_inputs(parts: Sequence[Inputs], kinds: Kinds, n_rows: int) -> Inputs:
    """Return the columns of all parts side by side, in order."""
    if "text" not in kinds:
        return np.concatenate([np.empty((n_rows, 0)), *parts], axis=1)
    return tuple(column for part in parts for column in (part if isinstance(part, tuple) else part.T))
