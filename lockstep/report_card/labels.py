"""Which labels were predicted, and which came true."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.report_card.card import Counts
from lockstep.report_card.digits import show_count, show_percent

MAX_LABELS = 20


def count_labels(y_true: NDArray[Any], y_pred: NDArray[Any]) -> Counts | None:
    """Return how many rows have each pair of labels, None for more than `MAX_LABELS` labels."""
    labels = np.unique(np.concatenate([y_true, y_pred]))
    if labels.size > MAX_LABELS:
        return None
    rows = [[int(np.sum((y_true == came) & (y_pred == said))) for said in labels] for came in labels]
    right = int(np.sum(y_true == y_pred))
    share = show_percent(right / y_true.size)
    return Counts(
        f"{show_count(right)} of {show_count(y_true.size)} labels are right: {share}.",
        labels.astype(str).tolist(),
        rows,
    )
