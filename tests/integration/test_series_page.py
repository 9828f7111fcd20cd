"""The commands of docs/your-own-model.md train what the page says, and its lists are those of the code."""

import re
from pathlib import Path

import pytest

from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.reading import load_series
from lockstep.bundles.targets import BUILT_IN
from lockstep.training.estimators import CLASSIFIERS, REGRESSORS, SCALERS
from lockstep.training.split import DEFAULT_TEST_ROWS, LARGEST_SHARE
from tests.commands import run_command
from tests.pages import copy_application, find_blocks, find_commands, find_section, read_page

PAGE = read_page("docs/your-own-model.md")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models of an application after the commands of the page."""
    application = copy_application(tmp_path_factory.mktemp("series"))
    [own_target] = find_blocks(PAGE, "python")
    (application / "preprocessing" / "targets.py").write_text(own_target)
    commands = find_commands(PAGE)
    assert len(commands) == 6
    for command in commands:
        run_command(*command, folder=application).check_output()
    return application / "models"


def read_manifest(model: Path, version: int = 1) -> SeriesManifest:
    return load_series(model / str(version)).manifest


@pytest.mark.parametrize(
    ("name", "target", "horizon_bars", "scaler", "estimator"),
    [
        ("plain", "return", 1, "StandardScaler", "DecisionTreeRegressor"),
        ("forest", "return", 1, "StandardScaler", "RandomForestRegressor"),
        ("week", "return", 5, "StandardScaler", "Ridge"),
        ("direction", "direction", 1, "RobustScaler", "LogisticRegression"),
        ("highest", "preprocessing/targets.py:highest", 5, "StandardScaler", "DecisionTreeRegressor"),
    ],
)
def test_each_command_trains_what_the_page_says(
    trained: Path, name: str, target: str, horizon_bars: int, scaler: str, estimator: str
) -> None:
    manifest = read_manifest(trained / name)
    steps = [step.estimator.rpartition(".")[2] for step in manifest.estimator]
    assert (manifest.target, manifest.horizon_bars, steps[0], steps[-1]) == (target, horizon_bars, scaler, estimator)
    assert set(manifest.guarantees.values()) == {"bits"}


def test_the_grid_of_the_page_is_searched(trained: Path) -> None:
    assert read_manifest(trained / "week", 2).estimator[-1].parameters["alpha"] in (1.0, 100.0, 10000.0)


def test_the_names_of_the_page_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|(.*)\|(.*)\|$", find_section(PAGE, "names"), re.MULTILINE)
    for column, classes in ((1, REGRESSORS), (2, CLASSIFIERS)):
        named = {row[0]: row[column].strip("` ") for row in rows if row[column].strip()}
        assert named == {name: made.__name__ for name, made in classes.items()}


def test_the_scalers_the_targets_and_the_test_rows_of_the_page_are_those_of_the_command() -> None:
    [scalers] = re.findall(r"^\| `--scaler` \| (.*) \|$", PAGE, re.MULTILINE)
    assert set(SCALERS) < set(re.findall(r"`(\w+)`", scalers))
    targets = PAGE.partition("## Targets")[2].partition("```")[0]
    assert set(BUILT_IN) == set(re.findall(r"^\| `(\w+)` \|", targets, re.MULTILINE))
    assert LARGEST_SHARE == 3
    assert f"test rows: {DEFAULT_TEST_ROWS}, but at most a third of the usable rows" in " ".join(PAGE.split())
