"""The commands of docs/worth.md print what the page says, and its tables list what manifests hold."""

import re

import pytest

from lockstep.bundles.interval_scores import IntervalScores, LevelScores
from lockstep.bundles.scores import ReturnScores
from lockstep.bundles.shown_scores import COLUMNS
from lockstep.report_card.card import ReportCard
from tests.commands import run_command
from tests.pages import copy_application, find_commands, read_page

PAGE = read_page("docs/worth.md")


def read_table(section: str) -> list[list[str]]:
    """Return the cells of the rows of a section's table, without its heading."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return rows[1:]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the first command of the page prints in a copy of the application; the report is written there as well."""
    application = copy_application(tmp_path_factory.mktemp("worth"))
    commands = [command for command in find_commands(PAGE) if command[0] == "evaluate"]  # training takes too long here
    assert len(commands) == 2
    first, _ = (run_command(*command, folder=application).check_output() for command in commands)
    assert (application / "report.html").is_file()
    return first


def test_every_part_of_a_report_card_is_explained() -> None:
    listed = {member for row in read_table("The report card") for member in re.findall(r"`(\w+)`", row[1])}
    of_its_own = {"model", "version", "title", "kind", "unit", "digest", "rows"}
    assert listed == {*ReportCard.__struct_fields__} - of_its_own


def list_members(section: str) -> list[str]:
    return [row[1].strip("`") for row in read_table(section) if row[1].startswith("`")]


def test_every_score_of_intervals_is_explained() -> None:
    members = {*LevelScores.__struct_fields__, *IntervalScores.__struct_fields__} - {"level", "levels"}
    assert set(list_members("Scores of intervals")) == members


def test_the_command_of_the_page_prints_the_scores_of_intervals_at_each_level(printed: str) -> None:
    headings = [heading.strip() for row in read_table("Scores of intervals") for heading in row[0].split(",")]
    lines = re.findall(r"^│ (\D[^│]*?) +│((?: +\S+ │){4})$", printed, re.MULTILINE)
    listed = [heading for heading, _ in lines]
    assert listed[:8] == headings[:8]
    assert listed[8:] == ["worst 250 rows", "from", "to", "small scales", "middle scales", "large scales"]
    assert re.search(
        r"^WIS 0\.\d{6}, the weighted interval score of all levels *\n *scale: R² 0", printed, re.MULTILINE
    )


def test_every_score_of_a_return_is_explained_by_its_heading_and_its_member() -> None:
    listed = {re.sub("`", "", row[1]): row[0] for row in read_table("Scores")}
    assert listed == {name: COLUMNS[name][0] for name in COLUMNS if name in ReturnScores.__struct_fields__}


def test_the_command_of_the_page_prints_the_scores_beside_no_change(printed: str) -> None:
    assert all(re.search(rf"^│ {re.escape(row[0])} +│ +\S+ │", printed, re.MULTILINE) for row in read_table("Scores"))
    assert "always 1.0" in printed
