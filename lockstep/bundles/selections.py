"""What `lockstep train --select` tried, what it found, and which candidate the bundle serves."""

import msgspec

from lockstep.bundles.verdicts import BETTER, NaiveComparison, decide_verdict

UNSHRUNK = 1.0
"""The λ of a model that answers what it has learned."""


class CandidateEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A candidate: its estimator as `--estimator` reads it, how far it learns, and its walk-forward comparison.

    `shrinkage` is the λ of the model that learns from all learning rows: its targets are 1 + λ (y - 1), so it answers
    "no change" for 0 and what it has learned for 1. In the comparison each fold has a λ of its own, of the folds
    before it.
    """

    estimator: str
    shrinkage: float
    walk_forward: NaiveComparison


class SelectionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The candidates in the order they were tried, the first of them "no change"; the best, and the chosen one.

    The best has the least squared error in the folds. It is chosen if it passes the gate, which is the verdict
    `better-than-naive`; else no change is.
    """

    candidates: list[CandidateEntry]
    best: str
    chosen: str

    @property
    def no_change(self) -> CandidateEntry:
        """Return the candidate that looks at nothing."""
        return self.candidates[0]

    @property
    def served(self) -> CandidateEntry:
        """Return the candidate that was chosen."""
        return next(each for each in self.candidates if each.estimator == self.chosen)

    @property
    def is_gate_passed(self) -> bool:
        """Return whether a candidate that looks at the features is served."""
        return self.chosen != self.no_change.estimator


def choose_candidate(candidates: list[CandidateEntry]) -> SelectionEntry:
    """Return the selection among candidates, at least one, the first of them no change, which wins a tie."""
    best = min(candidates, key=lambda each: _ratio(each.walk_forward))
    is_better = decide_verdict(best.walk_forward) == BETTER and best.shrinkage > 0.0
    return SelectionEntry(candidates, best.estimator, (best if is_better else candidates[0]).estimator)


def _ratio(compared: NaiveComparison) -> float:
    return float("inf") if compared.mse_ratio is None else compared.mse_ratio


def describe_selection(selection: SelectionEntry) -> str:
    """Return what was chosen, and why, as one sentence for people."""
    tried = len(selection.candidates) - 1
    if not selection.is_gate_passed:
        return (
            f'None of {tried} candidates beside "no change" did significantly better: the bundle answers "no change".'
        )
    served = selection.served
    shrunk = f", shrunk by λ {served.shrinkage:g}" if served.shrinkage < UNSHRUNK else ""
    return (
        f'{served.estimator} did best of {tried} candidates beside "no change", and better than it '
        f"(Diebold–Mariano t {served.walk_forward.t:.1f}): it is served{shrunk}."
    )
