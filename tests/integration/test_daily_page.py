"""The commands of docs/daily.md print what the page says, and what it says of warnings is what they say."""

import re
from pathlib import Path

import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.versions import read_aliases
from lockstep.cli.new_bars import MOST
from lockstep.data.price_csv import write_price_csv
from lockstep.drift.overlap import MOST_OTHER_MOVES
from lockstep.predict.intervals import JUMP_SCALES
from tests.commands import run_command
from tests.conftest import measuring_once
from tests.pages import copy_application, find_blocks, find_commands, read_page
from tests.unit.drift.conftest import replay, scale_bars

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars

PAGE = read_page("docs/daily.md")
RAW_TO_ADJUSTED = 27.95 / 24.684342419163
"""The raw over the adjusted close of the newest stored bar."""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory, default_bundle: SeriesBundle) -> Path:
    folder = copy_application(tmp_path_factory.mktemp("daily"))
    (folder / "NEWER.csv").write_text(write_price_csv(replay(default_bundle, 5)))
    return folder


@pytest.fixture(scope="module")
def printed(application: Path) -> dict[str, str]:
    """What each command of the page prints, run in its order."""
    with measuring_once():
        return {
            " ".join(command): run_command(*command, folder=application).check_output()
            for command in find_commands(PAGE)
        }


def test_the_next_forecast_is_printed_as_shown(printed: dict[str, str]) -> None:
    assert [printed["forecast msft"]] == find_blocks(PAGE, "text")
    columns = re.findall(r"^\| (`.*?`) \|", PAGE, re.MULTILINE)[:5]
    headings = printed["forecast msft"].splitlines()[2]
    assert all(heading in headings for column in columns for heading in re.findall(r"`(.*?)`", column))


def test_the_other_commands_print_what_the_page_says(printed: dict[str, str]) -> None:
    assert len(printed["forecast msft NEWER.csv --rows 5 --level 50 --level 95"].splitlines()[3].split("…")) == 3
    assert len(printed["forecast msft NEWER.csv --csv"].splitlines()) == 2
    assert "added     5 bars" in printed["update msft NEWER.csv"]


def test_the_updated_version_answers_after_its_promotion(printed: dict[str, str], application: Path) -> None:
    assert "lockstep models promote msft 2\n" in printed["update msft NEWER.csv"]
    assert "answers: " in printed["models diff msft 1 2"]
    assert read_aliases(application / "models" / "msft") == {"champion": 2}
    assert "for a newer one run" in run_command("forecast", "msft", folder=application).check_output()


def test_the_warnings_of_the_page_are_those_of_the_command(application: Path, default_bundle: SeriesBundle) -> None:
    newer = replay(default_bundle, 5)
    (application / "few.csv").write_text(write_price_csv(scale_bars(newer.select(slice(-5, -4)), RAW_TO_ADJUSTED)))
    (application / "scaled.csv").write_text(write_price_csv(scale_bars(newer, 0.985)))
    (application / "both.csv").write_text(write_price_csv(scale_bars(newer.select(slice(-9, None)), 0.985)))
    rows = re.findall(r"^\| `(the close of.*?|.*common closes.*?|This forecast.*?)` \|", PAGE, re.MULTILINE)
    assert len(rows) == 3
    for name, said in zip(("few", "scaled", "both"), rows, strict=True):
        shown = run_command("forecast", "msft/1", f"{name}.csv", folder=application).check_output()
        shown = re.sub(r"\d+\.\d{3,}(?= \()", "…", shown)
        assert said in shown


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    assert (MOST, MOST_OTHER_MOVES, JUMP_SCALES) == (0.5, 0.05, 5.0)
    assert "more than 5 % of the moves" in PAGE
    assert "usual move is below 5 scales" in PAGE
    assert "lacks more than half of the stored\nbars" in PAGE
