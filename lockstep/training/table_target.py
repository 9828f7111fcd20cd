"""What a model of a table predicts: a column of labels, or of numbers."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lockstep.data.column import LARGEST_WHOLE, ColumnSchema, ColumnType
from lockstep.data.price_csv import TEXT_CELLS
from lockstep.data.table_csv import RawTable
from lockstep.errors import InvalidInput, Problem, TrainingError
from lockstep.training.estimators import CLASSIFIER, REGRESSOR, Kind
from lockstep.training.table_columns import infer_type, require_column

Task = Literal["classification", "regression"]
KINDS: dict[Task, Kind] = {"classification": CLASSIFIER, "regression": REGRESSOR}
MAX_WHOLE_LABELS = 20
"""So few different whole numbers, each of them several times, are taken for labels, not for quantities."""
MIN_ROWS_PER_LABEL = 5
MAX_SHOWN = 10


@dataclass(frozen=True)
class Target:
    """The values to predict, (n,): float64, or labels as int64 or text; `reason` says why they are taken for such."""

    name: str
    task: Task
    values: NDArray[Any]
    reason: str

    def select(self, rows: NDArray[np.intp]) -> NDArray[Any]:
        """Return the values at `rows`."""
        return self.values[rows]


def read_target(table: RawTable, name: str, task: Task | None) -> Target:
    """Return the target in a column of a table; `task` is what the user or the estimator says.

    Raises `TrainingError` for a column that is not there, is constant or does not fit the task, and `InvalidInput`
    for missing and bad cells.
    """
    require_column(table, name)
    cells = table.column(name)
    missing = [row for row, cell in enumerate(cells) if cell is None]
    if missing:
        problems = [Problem(table.numbers[row], name, "the target is missing; leave the row out") for row in missing]
        raise InvalidInput(problems, table.unit)
    kind = infer_type(cells)
    counts = Counter(cells)
    if len(counts) == 1:
        raise TrainingError(f"the target {name} is {cells[0]!r} in every row: there is nothing to learn")
    task, reason = _choose_task(task, kind, len(counts), len(cells))
    if task == "regression":
        return Target(name, task, _read_numbers(table, name), reason)
    return Target(name, task, _read_labels(table, name, kind), reason)


def _choose_task(task: Task | None, kind: ColumnType, n_different: int, n_rows: int) -> tuple[Task, str]:
    few = n_different <= MAX_WHOLE_LABELS and n_rows >= MIN_ROWS_PER_LABEL * n_different
    by_values: tuple[Task, str] = "regression", f"{n_different} different numbers"
    if kind in ("category", "text"):
        by_values = "classification", f"{n_different} different texts"
    elif kind == "integer" and few:
        by_values = "classification", f"{n_different} different whole numbers"
    return by_values if task in (None, by_values[0]) else (task, f"{by_values[1]}, as asked for")


def _read_numbers(table: RawTable, name: str) -> NDArray[Any]:
    values, problems = ColumnSchema(name, "number", takes_missing=False).read(table.column(name), TEXT_CELLS)
    if problems:
        raise InvalidInput(problems).renumbered(table.numbers, table.unit)
    return values


def _read_labels(table: RawTable, name: str, kind: ColumnType) -> NDArray[Any]:
    cells = [str(cell) for cell in table.column(name)]
    if kind == "number":
        raise TrainingError(f"{name} holds numbers with fractions, which are no labels; a regressor predicts them")
    if kind == "integer":
        labels = TEXT_CELLS.read_numbers(cells)
        if (abs(labels) > LARGEST_WHOLE).any():
            raise TrainingError(f"the labels of {name} are beyond ±{LARGEST_WHOLE:.0f}")
        return labels.astype(np.int64)
    if odd := [label for label in cells if not label.isprintable()]:
        raise TrainingError(f"the label {odd[0]!r} of {name} does not print")
    return np.array(cells)


def check_labels(values: NDArray[Any], name: str) -> None:
    """Raise `TrainingError` for a label that occurs once, which cannot be in both the learning and the test rows."""
    labels, counts = np.unique(values, return_counts=True)
    if (once := labels[counts == 1]).size:
        shown = ", ".join(map(repr, once[:MAX_SHOWN].tolist())) + (", …" if once.size > MAX_SHOWN else "")
        raise TrainingError(
            f"{once.size} label(s) of {name} occur once, and so cannot be learned and tested: {shown}; leave those "
            "rows out, or merge the labels"
        )
