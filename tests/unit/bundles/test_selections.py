"""Which candidate is chosen among those that were compared with no change."""

import pytest

from lockstep.bundles.selections import CandidateEntry, choose_candidate, describe_selection
from lockstep.bundles.verdicts import NaiveComparison


def candidate(name: str, t: float, mse_ratio: float | None, shrinkage: float = 0.5) -> CandidateEntry:
    return CandidateEntry(name, shrinkage, NaiveComparison(t, 4, 100, mse_ratio))


NO_CHANGE = candidate("none", 0.0, 1.0, shrinkage=0.0)


@pytest.mark.parametrize(
    ("others", "best", "chosen"),
    [
        ([candidate("a", -2.0, 0.98), candidate("b", -1.7, 0.97)], "b", "b"),
        ([candidate("a", -2.0, 0.98), candidate("b", -1.6, 0.97)], "b", "none"),
        ([candidate("a", -1.645, 0.98)], "a", "none"),
        ([candidate("a", -2.0, 0.98, shrinkage=0.0)], "a", "none"),
        ([candidate("a", 2.0, 1.1), candidate("b", 1.0, 1.05)], "none", "none"),
        ([candidate("a", 0.0, 1.0)], "none", "none"),
        ([candidate("a", 1000.0, None)], "none", "none"),
    ],
)
def test_the_best_is_chosen_if_it_passes_the_gate(others: list[CandidateEntry], best: str, chosen: str) -> None:
    selection = choose_candidate([NO_CHANGE, *others])
    assert (selection.best, selection.chosen, selection.served.estimator) == (best, chosen, chosen)
    assert selection.is_gate_passed == (chosen != "none")


def test_without_a_naive_error_no_change_is_chosen() -> None:
    """Prices that never move leave nothing to divide by."""
    assert choose_candidate([candidate("none", 0.0, None), candidate("a", 1000.0, None)]).chosen == "none"


def test_a_selection_is_one_sentence() -> None:
    better = choose_candidate([NO_CHANGE, candidate("tree(depth=3)", -2.04, 0.98), candidate("b", 1.0, 1.1)])
    assert describe_selection(better) == (
        'tree(depth=3) did best of 2 candidates beside "no change", and better than it (Diebold–Mariano t -2.0): '
        "it is served, shrunk by λ 0.5."
    )
    unshrunk = choose_candidate([NO_CHANGE, candidate("tree", -2.04, 0.98, shrinkage=1.0)])
    assert describe_selection(unshrunk).endswith("(Diebold–Mariano t -2.0): it is served.")
    none = choose_candidate([NO_CHANGE, candidate("a", 1.0, 1.1), candidate("b", 1.0, 1.1)])
    assert describe_selection(none) == (
        'None of 2 candidates beside "no change" did significantly better: the bundle answers "no change".'
    )
