"""Whether probabilities come true as often as they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.worth.counts import count_independent, find_share_band

MOST_BINS = 10
MIN_BIN_ROWS = 10
"""With fewer rows, a share moves by more than a tenth with each of them."""
MOST_CLASSES = 10
"""Of more classes nobody reads a table for each."""


@dataclass(frozen=True)
class Bin:
    """Rows of similar probabilities: how many, their mean probability, and the share of them that came true.

    `chance` are the shares between which that lies in at least 95 of 100 cases if the probabilities are right.
    """

    rows: int
    mean_probability: float
    share: float
    chance: tuple[float, float]


@dataclass(frozen=True)
class Reliability:
    """The bins of the probabilities of one class, the smallest first; of no `label`, those of each row's top class.

    `calibration_error` is the distance between share and mean probability, on average over all rows. It is
    `error_by_chance` on average if the probabilities are right: with few rows that is far from 0.
    """

    label: str | None
    bins: tuple[Bin, ...]
    calibration_error: float
    error_by_chance: float


def tabulate_classes(y_true: NDArray[Any], proba: Array, classes: Sequence[Any]) -> list[Reliability]:
    """Return the reliability of `proba` (n, n_classes) against the labels `y_true` (n,); n is at least 1.

    Of two classes it is that of the second, as the first is its mirror image. Of more, it is that of the most probable
    class of each row (of equal ones the first), then that of each class, if there are at most ten.
    """
    is_true = y_true[:, np.newaxis] == np.array(classes)
    if len(classes) == 2:
        return [tabulate(str(classes[1]), proba[:, 1], is_true[:, 1])]
    rows, top = np.arange(y_true.size), np.argmax(proba, axis=1)
    of_each = enumerate(classes if len(classes) <= MOST_CLASSES else [])
    return [
        tabulate(None, proba[rows, top], is_true[rows, top]),
        *(tabulate(str(label), proba[:, place], is_true[:, place]) for place, label in of_each),
    ]


def tabulate(label: str | None, proba: Array, came_true: NDArray[np.bool_]) -> Reliability:
    """Return the reliability of the probabilities (n,) that something comes true, which it did or not, (n,).

    There are at most ten bins, of about as many rows each, at least ten. Equal probabilities share a bin, so the order
    of the rows does not matter. (Nixon and others 2019 on bins of equal count.)
    """
    order = np.argsort(proba, kind="stable")
    bins, error, by_chance = [], 0.0, 0.0
    for rows in np.split(order, _find_ends(proba[order])[:-1]):
        mean, counts = float(np.mean(proba[rows])), count_independent(proba[rows])
        share, possible = float(np.mean(came_true[rows])), np.arange(counts.size) / rows.size
        bins.append(Bin(rows.size, mean, share, find_share_band(counts)))
        error += rows.size / proba.size * abs(share - mean)
        by_chance += rows.size / proba.size * float(np.sum(counts * np.abs(possible - mean)))
    return Reliability(label, tuple(bins), error, by_chance)


def _find_ends(ordered: Array) -> list[int]:
    """Return where the bins of ordered probabilities end: each after the last one of a value."""
    n_rows = ordered.size
    size = -(-n_rows // max(1, min(MOST_BINS, n_rows // MIN_BIN_ROWS)))
    ends = [0]
    while ends[-1] < n_rows:
        last = ordered[min(ends[-1] + size, n_rows) - 1]
        end = int(np.searchsorted(ordered, last, side="right"))
        ends.append(end if n_rows - end >= MIN_BIN_ROWS else n_rows)
    return ends[1:]
