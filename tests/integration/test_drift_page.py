"""The commands of docs/worth.md on drift and on Nixtla's tools, in a copy of the application."""

from pathlib import Path

import pandas as pd
import pytest

from tests.commands import run_block
from tests.pages import copy_application, find_blocks, find_section, read_page

PAGE = read_page("docs/worth.md")


def cut_section(title: str) -> str:
    """Return what stands under a heading of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_application(tmp_path_factory.mktemp("application"))


def test_drift_prints_what_the_page_shows(application: Path) -> None:
    [commands] = find_blocks(cut_section("Drift"), "sh")
    [shown] = find_blocks(find_section(PAGE, "drift"), "text")
    assert run_block(commands, application).endswith(shown)


def test_an_exported_evaluation_has_the_columns_of_the_page(application: Path) -> None:
    [command] = find_blocks(cut_section("Export to Nixtla's tools"), "sh")
    run_block(command, application)
    frame = pd.read_csv(application / "evaluation-msft.csv")
    assert list(frame) == [
        "unique_id", "ds", "cutoff", "y", "msft", "naive", "msft-lo-80", "msft-hi-80", "msft-lo-95", "msft-hi-95"
    ]  # fmt: skip
