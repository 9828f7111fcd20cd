"""The verdict on a model of returns: whether it does better than "no change", which looks at nothing."""

from typing import Annotated, Literal

import msgspec
import numpy as np

from lockstep.bundles.scores import NO_CHANGE
from lockstep.data.bars import Array
from lockstep.worth.significance import CRITICAL_T, choose_lag, diebold_mariano

Verdict = Literal["worse-than-naive", "not-better-than-naive", "better-than-naive"]
WORSE: Verdict = "worse-than-naive"
NOT_BETTER: Verdict = "not-better-than-naive"
BETTER: Verdict = "better-than-naive"
FOLDS = 5
SCORED_FOLDS = FOLDS - 1
"""Of a selection, whose first fold chooses how far candidates are shrunk; see `lockstep.training.selecting`."""


class NaiveComparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The squared errors of a model beside those of "no change", on the same rows.

    `t` is the statistic of Diebold and Mariano with `lag`, above 0 if the model is worse. `mse_ratio` is the model's
    mean squared error over that of no change; None if that is 0, or the ratio infinite.
    """

    t: float
    lag: int
    rows: Annotated[int, msgspec.Meta(ge=1)]
    mse_ratio: float | None


class VerdictEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The verdict, which follows from the walk-forward folds of the learning rows alone, and the test on the test rows.

    `walk_forward` is over the rows of all `folds`, each forecast by a model that has learned from rows before it.
    """

    verdict: Verdict
    folds: int
    walk_forward: NaiveComparison
    test: NaiveComparison


def compare_with_naive(y_true: Array, y_pred: Array, horizon_bars: int) -> NaiveComparison:
    """Return the comparison on rows of gross returns, both (n,), oldest first, n at least 1, without NaN."""
    with np.errstate(over="ignore"):  # a model may be so wrong that its squared error is infinite
        losses = (y_pred - y_true) ** 2
    return compare_losses(losses, (NO_CHANGE - y_true) ** 2, horizon_bars)


def compare_losses(losses: Array, naive_losses: Array, horizon_bars: int) -> NaiveComparison:
    """Return the comparison of the squared errors of a model and of no change, both (n,), oldest first, without NaN."""
    lag, naive_mse = choose_lag(losses.size, horizon_bars), float(np.mean(naive_losses))
    ratio = float(np.mean(losses)) / naive_mse if naive_mse else np.inf
    t = diebold_mariano(losses, naive_losses, lag)
    return NaiveComparison(t, lag, losses.size, ratio if np.isfinite(ratio) else None)


def decide_verdict(walk_forward: NaiveComparison) -> Verdict:
    """Return the verdict that follows from the walk-forward comparison."""
    if walk_forward.t > CRITICAL_T:
        return WORSE
    return BETTER if walk_forward.t < -CRITICAL_T else NOT_BETTER


SAID: dict[Verdict, str] = {
    WORSE: 'did worse than "no change" ({}): use {instead}, not the forecast',
    NOT_BETTER: 'did not do significantly better than "no change" ({})',
    BETTER: 'did better than "no change" ({})',
}


def find_fold_edges(n_rows: int) -> list[int]:
    """Return where the folds over the newer half of `n_rows` learning rows begin, and where the last ends."""
    edges: list[int] = np.linspace(n_rows // 2, n_rows, FOLDS + 1).astype(int).tolist()
    return edges


def describe_verdict(entry: VerdictEntry, *, has_interval: bool = True) -> str:
    """Return the verdict as one sentence for people; what to use instead depends on whether there are intervals."""
    instead = "the interval" if has_interval else '"no change"'
    said = SAID[entry.verdict].format(f"Diebold–Mariano t {entry.walk_forward.t:.1f}", instead=instead)
    return f"In {entry.folds} folds of its learning rows the model {said}."


def describe_test(test: NaiveComparison, rows: str = "test rows") -> str:
    """Return what the test rows say, as one sentence for people; `rows` is what it counts."""
    ratio = "" if test.mse_ratio is None else f", {test.mse_ratio:.3f} times its mean squared error"
    return f'In the {test.rows} {rows}, beside "no change": t {test.t:.1f}{ratio}.'
