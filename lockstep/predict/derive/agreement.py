"""How an exact form agrees with scikit-learn's own answers, and which rows neither of them decides.

Where a form promises bits, every number has to have the same 64. Elsewhere a decision value or a regression may be off
by the form's `bound` times the size of its terms, since scikit-learn's BLAS adds them in an order of its own. A label
is decided if no such error can change it; only then does it have to be equal.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.data.bars import Array
from lockstep.data.bits import float_ordinals, same_bits
from lockstep.errors import EvaluationMismatch
from lockstep.predict.derive.families import BITS
from lockstep.predict.stages import DECISION, PREDICTION, PROBA, Stages

PROBA_ROUNDING = 1e-15
"""How far two probabilities of the same decision may be from each other, as their exponentials and sums are rounded."""


@dataclass(frozen=True)
class Fitted:
    """What scikit-learn answers: `prediction` (n,), and `proba` (n, k) and `decision` (n,) or (n, k) if it has them."""

    prediction: NDArray[Any]
    proba: Array | None = None
    decision: Array | None = None


@dataclass(frozen=True)
class Agreement:
    """How near the answers to `rows` rows are: the largest distances in float64 steps, and how many are undecided."""

    rows: int
    ulp_prediction: int
    ulp_proba: int
    undecided: int


def compare_with_sklearn(stages: Stages, fitted: Fitted, bound: float, sizes: Array | None = None) -> Agreement:
    """Return how near the stages of an exact form are to scikit-learn's answers for the same rows.

    `sizes` (n,) are those of `measure_sizes`; without them every row has the size of the largest decision value, or
    prediction, of all. Raises `EvaluationMismatch`, which names the first row beyond the bound, its stage and both
    values.
    """
    prediction = stages[PREDICTION]
    is_regression = prediction.dtype.kind == "f" and fitted.proba is None and fitted.decision is None
    decisive = prediction if is_regression else stages.get(DECISION, stages.get(PROBA, np.ones(len(prediction))))
    slack = bound * (_largest_of_all(decisive) if sizes is None else sizes)
    undecided = np.zeros(slack.shape, np.bool_) if is_regression else find_undecided(stages, slack)
    ulp = {DECISION: 0, PROBA: 0, PREDICTION: 0}
    for name, theirs in ((DECISION, fitted.decision), (PROBA, fitted.proba)):
        if theirs is not None and name in stages:
            allowed = slack if name == DECISION else 2.0 * slack + (PROBA_ROUNDING if bound > BITS else 0.0)
            ulp[name] = _compare_numbers(name, stages[name], theirs, allowed)
    if is_regression:
        ulp[PREDICTION] = _compare_numbers(PREDICTION, prediction, fitted.prediction, slack)
    else:
        _compare_labels(prediction, fitted.prediction, undecided)
    return Agreement(len(prediction), ulp[PREDICTION], ulp[PROBA], int(undecided.sum()))


def find_undecided(stages: Stages, slack: Array) -> NDArray[np.bool_]:
    """Return which rows (n,) have a label that an error of `slack` (n,) in each decision value could change.

    Without decision values the probabilities decide. A slack of 0 leaves nothing undecided.
    """
    values = stages.get(DECISION, stages.get(PROBA))
    if values is None or values.shape[1:] == (1,):  # nothing to decide by, or one class
        return np.zeros(slack.shape, np.bool_)
    if values.ndim == 1:
        return (np.abs(values) <= slack) & (slack > 0.0)
    second, first = np.sort(values, axis=1)[:, -2:].T
    return (first - second <= 2.0 * slack) & (slack > 0.0)


def _largest_of_all(values: NDArray[Any]) -> Array:
    """Return the largest finite magnitude in the values, once for each row (n,)."""
    finite = np.abs(values[np.isfinite(values)])
    return np.full(len(values), finite.max(initial=0.0))


def _compare_numbers(stage: str, ours: Array, theirs: NDArray[Any], allowed: Array) -> int:
    """Return the largest distance in float64 steps; raise where it is more than `allowed` (n,), 0 for the same bits."""
    theirs = np.ascontiguousarray(theirs, np.float64)
    if theirs.shape == (*ours.shape, 1):  # of a target that was fitted as one column
        theirs = theirs[..., 0]
    if ours.shape != theirs.shape:
        raise EvaluationMismatch(f"{stage}: shape {ours.shape} by the exact form, {theirs.shape} by scikit-learn")
    ours = np.ascontiguousarray(ours)
    limits = allowed if ours.ndim == 1 else allowed[:, None]
    with np.errstate(invalid="ignore"):  # what is infinite on both sides has the same bits
        near = same_bits(ours, theirs) | ((np.abs(ours - theirs) <= limits) & (limits > 0.0))
    _refuse_first(stage, near, ours, theirs)
    return int(np.abs(float_ordinals(ours) - float_ordinals(theirs)).max(initial=0))


def _compare_labels(ours: NDArray[Any], theirs: NDArray[Any], undecided: NDArray[np.bool_]) -> None:
    if ours.shape != theirs.shape:
        raise EvaluationMismatch(f"{PREDICTION}: shape {ours.shape} by the exact form, {theirs.shape} by scikit-learn")
    _refuse_first(PREDICTION, np.asarray(ours == theirs) | undecided, ours, theirs)


def _refuse_first(stage: str, near: NDArray[np.bool_], ours: NDArray[Any], theirs: NDArray[Any]) -> None:
    if near.all():
        return
    place = np.unravel_index(int(np.argmin(near)), near.shape)
    column = f", column {place[1]}" if near.ndim > 1 else ""
    values = f"{ours[place]} by the exact form, {theirs[place]} by scikit-learn"
    raise EvaluationMismatch(f"{stage}, row {place[0]}{column}: {values}")
