"""A model of many series beside "no change", session by session.

Series move together: a session on which all fell is one observation, not a thousand. So errors are averaged over the
series of a session, and the test of Diebold and Mariano runs over the sessions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from lockstep.bundles.comparing import require_comparison, require_same
from lockstep.bundles.entries import RETURN
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.scores import NO_CHANGE
from lockstep.bundles.verdicts import FOLDS, NaiveComparison, compare_losses, decide_verdict
from lockstep.data.bars import Array, Dates


@dataclass(frozen=True)
class TestedRows:
    """Test rows of any series, in any order: their dates, what came true, and what was forecast, each (n,)."""

    __test__ = False  # its name begins as that of a test does

    dates: Dates
    y_true: NDArray[Any]
    y_pred: NDArray[Any]


def select_realised(evaluation: Evaluation) -> TestedRows:
    """Return the rows of the evaluation of one series that came true."""
    realised = evaluation.realised
    return TestedRows(evaluation.dates[realised], evaluation.y_true[realised], evaluation.y_pred[realised])


def join_tested(series: Iterable[TestedRows]) -> TestedRows:
    """Return the rows of all series, one after the other."""
    columns = zip(*((each.dates, each.y_true, each.y_pred) for each in series), strict=True)
    return TestedRows(*map(np.concatenate, columns))


def compare_sessions(rows: TestedRows, horizon_bars: int) -> NaiveComparison:
    """Return the comparison on rows of gross returns, one at least, without NaN; its rows are the sessions."""
    with np.errstate(over="ignore"):  # a model may be so wrong that its squared error is infinite
        losses = average_sessions(rows.dates, (rows.y_pred - rows.y_true) ** 2)
    return compare_losses(losses, average_sessions(rows.dates, (NO_CHANGE - rows.y_true) ** 2), horizon_bars)


def average_sessions(dates: Dates, values: Array) -> Array:
    """Return the mean of the values (n,) of each date, oldest first, (n_dates,)."""
    _, places, counts = np.unique(dates, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(places, values) / counts)


def check_panel_verdict(bundle: PanelBundle) -> None:
    """Raise `EvaluationMismatch` if a verdict is not what follows from its comparisons, or its test not from the rows.

    The walk-forward comparison is taken as stated: it needs models that are not in the bundle.
    """
    manifest = bundle.manifest
    if (entry := manifest.verdict) is UNSET:
        return
    require_same(manifest.name, "target of a verdict", manifest.target, RETURN)
    require_same(manifest.name, "verdict.folds", entry.folds, FOLDS)
    require_same(manifest.name, "verdict.verdict", entry.verdict, decide_verdict(entry.walk_forward))
    rows = join_tested(select_realised(bundle.pick(symbol).evaluation) for symbol in bundle.index.symbols)
    require_comparison(manifest.name, "verdict.test", entry.test, compare_sessions(rows, manifest.horizon_bars))
