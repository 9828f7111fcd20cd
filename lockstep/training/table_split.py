"""Which rows of a table are learned from, and which are its test rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from lockstep.bundles.evaluation import MIN_EVALUATION_ROWS
from lockstep.errors import TrainingError
from lockstep.training.table_target import Target, check_labels

Rows = NDArray[np.intp]

DEFAULT_TEST_SHARE = 0.25
DEFAULT_SEED = 1
DEFAULT_EVALUATION_ROWS = 5000
MIN_LEARNING_ROWS = 10


@dataclass(frozen=True)
class Holdout:
    """How test rows are chosen: a share of all, at most `max_rows`, drawn with a seed."""

    test_share: float = DEFAULT_TEST_SHARE
    seed: int = DEFAULT_SEED
    max_rows: int = DEFAULT_EVALUATION_ROWS

    def __post_init__(self) -> None:
        if not 0.0 < self.test_share < 1.0:
            expected = f"a number between 0 and 1, such as {DEFAULT_TEST_SHARE}"
            raise TrainingError(f"the share of test rows is {self.test_share}; expected {expected}")
        if self.max_rows < MIN_EVALUATION_ROWS:
            raise TrainingError(f"{self.max_rows} evaluation rows; expected at least {MIN_EVALUATION_ROWS}")


@dataclass(frozen=True)
class Split:
    """The learning rows and the test rows, both in the order of the table."""

    learning: Rows
    held_out: Rows


def split_rows(target: Target, holdout: Holdout) -> Split:
    """Return the rows of a split, by label in the proportions of all rows if the target has labels.

    The same target and seed give the same rows. Raises `TrainingError` for too few rows.
    """
    labels: NDArray[Any] | None = None
    n_rows, n_classes = target.values.size, 1
    if target.task == "classification":
        check_labels(target.values, target.name)
        labels, n_classes = target.values, np.unique(target.values).size
    test_rows = min(max(round(n_rows * holdout.test_share), MIN_EVALUATION_ROWS, n_classes), holdout.max_rows)
    least = max(MIN_LEARNING_ROWS, n_classes)
    if n_rows - test_rows < least:
        raise TrainingError(
            f"{n_rows} rows are too few: {test_rows} test rows leave {n_rows - test_rows} to learn from, and "
            f"{least} are needed; a smaller --test-share or more rows would do"
        )
    if test_rows < n_classes:
        raise TrainingError(f"{test_rows} evaluation rows for {n_classes} labels; expected at least one for each")
    learning, held_out = train_test_split(
        np.arange(n_rows), test_size=test_rows, random_state=holdout.seed, stratify=labels
    )
    return Split(np.sort(learning), np.sort(held_out))
