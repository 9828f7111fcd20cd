from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from lockstep.bundles.entries import Step
from qa.matrix.cells import Cell
from qa.matrix.families import describe_families, make_family_table
from qa.matrix.probe import Facts
from qa.matrix.report import exit_code, make_table, summarise
from qa.matrix.run import EQUAL, FAILED, NOT_RUN, Outcome

DEFAULT = Facts("3.12.1", ("X86_V3",), ("Haswell",))
OTHER = Facts("3.12.1", (), ("Haswell",))


BITS, LABELS = {"prediction": "bits"}, {"prediction": "labels", "proba": "tolerance 1e-12"}


@dataclass
class Manifest:
    """What the tables read of one."""

    name: str
    guarantees: dict[str, str]
    kind: str = "table"
    estimator: tuple[Step, ...] = (Step("sklearn.linear_model._ridge.Ridge", {}),)


@dataclass
class Bundle:
    manifest: Manifest


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
    assert summarise(outcomes) == "1 of 1 cells equal, 0 of them unlike the default; not run: a cell"
    console = Console(width=150)
    with console.capture() as capture:
        console.print(make_table(outcomes))
    assert "NOT RUN: no wheel" in capture.get()


def test_families_are_counted_by_what_they_guarantee_and_only_if_equal_in_every_cell() -> None:
    bundles = [Bundle(Manifest("a", BITS)), Bundle(Manifest("b", BITS)), Bundle(Manifest("c", LABELS))]
    right = replace(make_outcome(EQUAL), families={"a": EQUAL, "b": EQUAL, "c": EQUAL})
    wrong = replace(make_outcome("DIVERGED"), families={"a": EQUAL, "b": "DIVERGED", "c": EQUAL})
    left_out = make_outcome(NOT_RUN, None)
    described = describe_families(bundles, [right, left_out])  # type: ignore[arg-type] # all that it reads of a bundle
    assert described == "2 families equal in every bit and 1 as guaranteed"
    described = describe_families(bundles, [right, wrong])  # type: ignore[arg-type] # as above
    assert described == "1 families equal in every bit and 1 as guaranteed"
    console = Console(width=150)
    with console.capture() as capture:
        console.print(make_family_table(bundles, [right, wrong]))  # type: ignore[arg-type] # as above
    assert [line.split()[-4:-1] for line in capture.get().splitlines() if "Ridge" in line] == [
        ["2", "of", "2"], ["1", "of", "2"], ["2", "of", "2"],
    ]  # fmt: skip
