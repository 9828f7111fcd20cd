"""The commands of docs/drift.md, and those of docs/forecasts.md on Nixtla's tools, in a copy of the application."""

from pathlib import Path

import pandas as pd
import pytest

from tests.commands import run_block
from tests.pages import copy_application, find_blocks, find_section, read_page

DRIFT, WORTH = read_page("docs/drift.md"), read_page("docs/forecasts.md")


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_application(tmp_path_factory.mktemp("application"))


def test_drift_prints_what_the_page_shows(application: Path) -> None:
    [commands] = find_blocks(DRIFT, "sh")
    [shown] = find_blocks(find_section(DRIFT, "drift"), "text")
    assert run_block(commands, application).endswith(shown)


def test_an_exported_evaluation_has_the_columns_of_the_page(application: Path) -> None:
    [command] = [block for block in find_blocks(WORTH, "sh") if "export nixtla" in block]
    run_block(command, application)
    frame = pd.read_csv(application / "evaluation-msft.csv")
    assert list(frame) == [
        "unique_id", "ds", "cutoff", "y", "msft", "naive", "msft-lo-80", "msft-hi-80", "msft-lo-95", "msft-hi-95"
    ]  # fmt: skip
