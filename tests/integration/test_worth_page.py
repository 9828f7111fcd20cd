"""The commands of docs/forecasts.md and docs/scores.md print what they say; their tables list what manifests hold."""

import re

import pytest

from lockstep.bundles.interval_scores import IntervalScores, LevelScores
from lockstep.bundles.scores import ReturnScores
from lockstep.bundles.shown_scores import COLUMNS
from lockstep.report_card.card import ReportCard
from tests.commands import run_command
from tests.pages import copy_application, find_blocks, find_commands, read_page

FORECASTS, SCORES = read_page("docs/forecasts.md"), read_page("docs/scores.md")


def read_table(section: str) -> list[list[str]]:
    """Return the cells of the rows of a section's table, without its heading."""
    text = (FORECASTS + SCORES).partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return rows[1:]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the command on scores prints in a copy of the application; the report is written there as well."""
    application = copy_application(tmp_path_factory.mktemp("worth"))
    commands = [command for command in find_commands(SCORES + FORECASTS) if command[0] == "evaluate"]
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
    listed = {re.sub("`", "", row[1]): row[0] for row in read_table("Scores of forecasts")}
    assert listed == {name: COLUMNS[name][0] for name in COLUMNS if name in ReturnScores.__struct_fields__}


def test_the_command_of_the_page_prints_the_scores_beside_no_change(printed: str) -> None:
    assert all(
        re.search(rf"^│ {re.escape(row[0])} +│ +\S+ │", printed, re.MULTILINE)
        for row in read_table("Scores of forecasts")
    )
    assert "always 1.0" in printed


def test_the_command_of_the_page_forecasts_with_the_interval_and_the_verdict_of_the_page() -> None:
    [command] = [command for command in find_commands(FORECASTS) if command[0] == "forecast"]
    printed = run_command(*command).check_output()
    shown = [block for block in find_blocks(FORECASTS, "text") if block.startswith("verdict")]
    assert [block for block in shown if block in printed] == shown
    assert len(shown) == 1
    assert "80 % interval" in printed
