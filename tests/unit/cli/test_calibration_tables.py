import pytest
from rich.table import Table

from lockstep.cli.calibration_tables import conformal_table, reliability_table
from lockstep.worth.conformal import ConformalCoverage, Share
from lockstep.worth.reliability import Bin, Reliability


def read_cells(table: Table) -> list[list[str]]:
    """Return the cells by row."""
    return [list(row) for row in zip(*(column.cells for column in table.columns), strict=True)]


def test_shares_beyond_chance_are_marked() -> None:
    halves = (Share(20, 0.7, (0.55, 0.95)), Share(20, 0.5, (0.55, 0.95)))
    groups = (Share(13, 0.6, (0.6, 0.9)), Share(13, 0.9, (0.6, 0.9)), Share(13, 0.95, (0.6, 0.9)))
    table = conformal_table("rent", [ConformalCoverage(80, 12.5, (0.676, 0.891), halves, groups)])
    assert read_cells(table) == [["80", "12.5", "68–89", "70.0 ", "50.0*", "60.0 ", "90.0 ", "95.0*"]]


def test_level_without_measured_coverage_has_dashes() -> None:
    table = conformal_table("rent", [ConformalCoverage(95, 12.5, (0.676, 1.0), (), ())])
    assert read_cells(table) == [["95", "12.5", "68–100", "-", "-", "-", "-", "-"]]


@pytest.mark.parametrize(("label", "named"), [("dear", "dear"), (None, "the top class")])
def test_bins_are_listed_with_what_chance_gives(label: str | None, named: str) -> None:
    bins = (Bin(10, 0.25, 0.5, (0.0, 0.4)), Bin(10, 0.75, 0.8, (0.6, 1.0)))
    table = reliability_table("is_dear", Reliability(label, bins, 0.15, 0.08))
    assert table.title == f"is_dear: probability of {named}, test rows"
    assert str(table.caption).startswith("calibration error 0.1500, by chance 0.0800")
    assert read_cells(table) == [
        ["10", "0.2500", "0.5000*", "0.0000–0.4000"],
        ["10", "0.7500", "0.8000 ", "0.6000–1.0000"],
    ]
