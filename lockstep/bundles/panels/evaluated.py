"""What a panel holds of the evaluation of each series: the records of `evaluation.npy`, and digests of the stages."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lockstep.bundles.evaluation import (
    CLOSE,
    DATE,
    FORECAST_DATE,
    Y_PRED,
    Y_TRUE,
    Cells,
    Column,
    Evaluation,
    digest_column,
)
from lockstep.bundles.manifest import MANIFEST_FILE
from lockstep.bundles.panels.arrays import Records
from lockstep.errors import InvalidBundle
from lockstep.predict.exact.form import Labels
from lockstep.predict.stages import PREDICTION, PROBA

FIRST = [DATE, FORECAST_DATE, CLOSE, Y_TRUE, Y_PRED]
"""The columns that every evaluation of a series begins with."""
N_KEYS = FIRST.index(Y_TRUE)
NUMBERS = {"float64": "<f8", "int64": "<i8", "bool": "|b1"}


def list_recorded(columns: Sequence[Column]) -> list[Column]:
    """Return the columns that `evaluation.npy` holds: what came true, and the outputs."""
    return [column for column in columns if column.name == Y_TRUE or column.stage in (PROBA, PREDICTION)]


def list_pinned(columns: Sequence[Column]) -> list[Column]:
    """Return the columns that are known by their digest alone: the stages before the outputs."""
    return [column for column in columns if column.stage and column.stage not in (PROBA, PREDICTION)]


def record_dtype(columns: Sequence[Column], classes: Labels) -> np.dtype[Any]:
    """Return the record of a test row; labels are as wide as the widest of the classes.

    `columns` are those of the evaluation of a series. Raises `InvalidBundle` for columns that are none.
    """
    names = [column.name for column in columns]
    recorded, pinned = list_recorded(columns), list_pinned(columns)
    if (
        names[: len(FIRST)] != FIRST
        or len(set(names)) < len(names)
        or N_KEYS + len(recorded) + len(pinned) < len(names)
    ):
        raise InvalidBundle(f"{MANIFEST_FILE}: {', '.join(names)[:200]} are no columns of an evaluation of a series")
    text = f"<U{max((len(str(label)) for label in classes), default=1)}"
    try:
        return np.dtype([(each.name, text if each.type == "text" else NUMBERS[each.type]) for each in recorded])
    except (KeyError, ValueError) as error:
        raise InvalidBundle(f"{MANIFEST_FILE}: evaluation.npy cannot hold a column of this type: {error}") from error


def record_rows(evaluation: Evaluation, dtype: np.dtype[Any]) -> Records:
    """Return the records of an evaluation of a series, (n,); raise `InvalidBundle` for cells that do not fit."""
    records = np.zeros(len(evaluation.keys), dtype)
    for name in dtype.names or ():
        records[name] = evaluation.cells[name]
        if (records[name] != evaluation.cells[name]).any() and dtype[name].kind == "U":
            raise InvalidBundle(f"{name} holds a label that is longer than every class that was learned")
    return records


def digest_stages(evaluation: Evaluation) -> dict[str, str]:
    """Return the digest of each stage before the outputs, by column; see `digest_column`."""
    return {column.name: digest_column(evaluation.cells[column.name]) for column in list_pinned(evaluation.columns)}


def rebuild_evaluation(
    columns: Sequence[Column], keys: Mapping[str, Cells], records: Records, digests: Mapping[str, str]
) -> Evaluation:
    """Return the evaluation of a series: its key columns, its records, and the digests of its other stages."""
    recorded = {column: np.ascontiguousarray(records[column.name]) for column in list_recorded(columns)}
    cells = {**keys, **{column.name: values for column, values in recorded.items()}}
    pinned = {column: digests[column.name] for column in list_pinned(columns)}
    return Evaluation(tuple(column for column in columns if column not in pinned), cells, pinned)
