from pathlib import Path

import pytest
from rich.console import Console

from qa.matrix.cells import Cell
from qa.matrix.probe import Facts
from qa.matrix.report import exit_code, make_table, summarise
from qa.matrix.run import EQUAL, FAILED, NOT_RUN, Outcome

DEFAULT = Facts("3.12.1", ("X86_V3",), ("Haswell",))
OTHER = Facts("3.12.1", (), ("Haswell",))


def make_outcome(verdict: str, facts: Facts | None = DEFAULT, workers: int = 2, reason: str = "") -> Outcome:
    return Outcome(Cell("a cell", Path("python")), verdict, 1.0, facts, workers, 10, reason)


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ([make_outcome(EQUAL, OTHER)], 0),
        ([make_outcome(EQUAL, workers=4)], 0),
        ([make_outcome(EQUAL, OTHER), make_outcome(NOT_RUN, None)], 0),
        ([make_outcome(EQUAL)], 1),  # proves no more than the default
        ([make_outcome(NOT_RUN, None)], 1),
        ([make_outcome(EQUAL, OTHER), make_outcome("DIVERGED", OTHER)], 1),
        ([make_outcome(EQUAL, OTHER), make_outcome("INCONCLUSIVE", OTHER)], 1),
        ([make_outcome(EQUAL, OTHER), make_outcome(FAILED, OTHER)], 1),
        ([], 1),
    ],
)
def test_only_equal_cells_of_which_one_is_unlike_the_default_are_a_success(others: list[Outcome], code: int) -> None:
    assert exit_code([make_outcome(EQUAL), *others]) == code


def test_no_cell_at_all_is_no_success() -> None:
    assert exit_code([]) == 1


def test_what_was_not_run_is_named_with_its_reason() -> None:
    outcomes = [make_outcome(EQUAL), make_outcome(NOT_RUN, None, reason="no wheel")]
    assert summarise(outcomes) == "1 of 1 cells equal in every bit, 0 of them unlike the default; not run: a cell"
    console = Console(width=150)
    with console.capture() as capture:
        console.print(make_table(outcomes))
    assert "NOT RUN: no wheel" in capture.get()
