"""The local evaluation: one row a test bar, and the file that parity is measured against."""

import csv
import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array, Dates
from lockstep.errors import InvalidBundle

COLUMNS = ("date", "close", "y_true", "y_pred", "leaf", "features")


@dataclass(frozen=True)
class Evaluation:
    """Hold one row for each test bar, oldest first.

    `y_true` and `y_pred` are gross returns of the next bar; `y_true` is NaN for the newest bar, whose next
    bar is not there yet. `leaf` is the node of the tree that answered, `features` the digest of what it was asked,
    as a trace tells it: features may differ where leaf and prediction do not.
    """

    dates: Dates
    close: Array
    y_true: Array
    y_pred: Array
    leaf: NDArray[np.int64]
    features: NDArray[np.str_]

    @property
    def realised(self) -> NDArray[np.bool_]:
        """Return which rows can be scored."""
        return ~np.isnan(self.y_true)


def write_evaluation(evaluation: Evaluation) -> str:
    """Return the evaluation as CSV; floats in their shortest round-trip form, an unknown `y_true` empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    y_true = ["" if math.isnan(value) else repr(value) for value in evaluation.y_true.tolist()]
    closes, y_pred = (map(repr, column.tolist()) for column in (evaluation.close, evaluation.y_pred))
    leaf, features = evaluation.leaf.tolist(), evaluation.features.tolist()
    writer.writerows(zip(evaluation.dates.astype(str), closes, y_true, y_pred, leaf, features, strict=True))
    return text.getvalue()


def parse_evaluation(text: str) -> Evaluation:
    """Return the evaluation that `write_evaluation` wrote, to the bit; raise `InvalidBundle` where it did not."""
    header, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    if tuple(header) != COLUMNS or not rows:
        raise InvalidBundle(f"evaluation.csv: expected the columns {', '.join(COLUMNS)} and at least one row")
    try:
        dates, close, y_true, y_pred, leaf, features = zip(*rows, strict=True)
        return Evaluation(
            np.array(dates, "datetime64[D]"),
            np.array([float(cell) for cell in close]),
            np.array([float(cell or "nan") for cell in y_true]),
            np.array([float(cell) for cell in y_pred]),
            np.array([int(cell) for cell in leaf], dtype=np.int64),
            np.array(features),
        )
    except (ValueError, OverflowError) as error:
        raise InvalidBundle(f"evaluation.csv: {error}") from error
