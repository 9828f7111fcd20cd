"""The panel of docs/panels.md is trained, evaluated and asked as the page shows it."""

import json
from pathlib import Path

import numpy as np
import pytest

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.panels.drawing import DRAWN_SERIES
from lockstep.bundles.reading import load_bundle
from lockstep.cli.scored_panel import SHOWN_SERIES
from lockstep.cli.train_panel import train_panel
from lockstep.scoring.settings import Settings
from lockstep.training.panel.learning import DEFAULT_LEARNING_ROWS
from lockstep.training.split import DEFAULT_TEST_ROWS, MIN_LEARNING_ROWS
from lockstep.web.app import create_app
from qa.threads import serve_app
from tests.commands import run_command, run_script, run_shell
from tests.pages import copy_application, find_blocks, find_commands, read_page

PAGE = read_page("docs/panels.md")
SCRIPT = "write_prices.py"
SHOWN_URL = "http://127.0.0.1:5000"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The application after the script and the commands of the page, and what these printed."""
    application = copy_application(tmp_path_factory.mktemp("panels"))
    [script] = find_blocks(PAGE, "python")
    assert f".venv/bin/python {SCRIPT}\n" in PAGE
    (application / SCRIPT).write_text(script)
    run_script(SCRIPT, folder=application).check_output()
    *commands, serve = find_commands(PAGE)
    assert [command[0] for command in commands] == ["train-panel", "evaluate", "evaluate"]
    assert serve == ["serve", "models/panel"]
    return application, [run_command(*command, folder=application).check_output() for command in commands]


@pytest.fixture(scope="module")
def panel(used: tuple[Path, list[str]]) -> PanelBundle:
    bundle = load_bundle(used[0] / "models" / "panel" / "1")
    assert isinstance(bundle, PanelBundle)
    return bundle


def test_what_is_left_out_is_printed_as_the_page_shows(used: tuple[Path, list[str]]) -> None:
    [shown] = find_blocks(PAGE, "text")
    assert used[1][0].endswith(shown)


def test_all_series_are_scored_together_and_one_alone(used: tuple[Path, list[str]]) -> None:
    _, together, alone = used[1]
    assert "means over 5 series" in together
    assert "AAA: next bar's gross return, test rows" in alone
    assert SHOWN_SERIES == 5
    assert "the five best and the five worst series" in PAGE


def test_the_request_of_the_page_is_answered(used: tuple[Path, list[str]], panel: PanelBundle) -> None:
    [curl] = [block for block in find_blocks(PAGE, "sh") if block.startswith("curl")]
    with serve_app(create_app(Settings(models=(used[0] / "models" / "panel",)))) as url:
        answer = json.loads(run_shell(curl.replace(SHOWN_URL, url)))
    assert (answer["model"]["digest"], answer["model"]["symbol"]) == (panel.manifest.digest, "AAA")
    assert not [each for each in answer["warnings"] if "scales" in each]  # the posted close joins the stored ones


def test_the_request_of_the_page_follows_the_stored_bars(panel: PanelBundle) -> None:
    bars = panel.pick("AAA").bars
    next_session = panel.calendar.first_session_from(bars.dates[-1] + 1)
    assert f'"data": [["{next_session}", ' in PAGE
    assert f"The last stored close of `AAA` is {bars.close[-1]:.2f}" in PAGE


def test_the_files_and_the_numbers_are_those_of_the_page(used: tuple[Path, list[str]], panel: PanelBundle) -> None:
    folder = used[0] / "models" / "panel" / "1"
    assert all(f"`{path.name}`" in PAGE for path in folder.iterdir())
    assert np.load(folder / "bars.npy", mmap_mode="r").dtype.names == ("open", "high", "low", "close", "volume")
    assert panel.manifest.test.first == "2002-04-18"
    for shown in (
        f"learns from at most {DEFAULT_LEARNING_ROWS:,} rows",
        f"there are {DEFAULT_TEST_ROWS}, or a third",
        f"- {MIN_LEARNING_ROWS} learning rows before the cut",
        f"{DRAWN_SERIES} series that the bundle's digest draws",
    ):
        assert shown in PAGE


def test_every_option_of_the_page_is_one_of_the_command() -> None:
    options = {option for parameter in train_panel.params for option in parameter.opts}
    named = {"--calendar", "--test-rows", "--interval", "--learning-rows", "--features", "--target", "--json"}
    assert named <= options
    assert all(f"`{option}" in PAGE for option in named)
