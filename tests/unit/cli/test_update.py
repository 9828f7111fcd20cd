"""`lockstep update`: what is learned, what is said of the file, and which files are refused."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from lockstep.bundles.reading import load_series
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.versions import list_versions, read_aliases
from lockstep.cli.new_bars import compare_bars
from lockstep.data.bars import Bars
from lockstep.data.price_csv import write_price_csv
from lockstep.drift.overlap import OtherPrices
from lockstep.training.table_rows import TableRecipe
from qa.servers import ROOT
from tests.commands import Ended, run_command
from tests.conftest import measuring_once
from tests.small_panels import make_series, save_panel
from tests.small_tables import TARGET, load_table, save_table
from tests.unit.drift.conftest import join_bars, scale_bars

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars

N_STORED, N_NEW, TEST_ROWS = 450, 8, 100
Write = Callable[[Bars], Path]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory, price_file: Path) -> Iterator[Path]:
    """An application with one model, `tiny`, of a recipe that is not the default."""
    folder = tmp_path_factory.mktemp("application")
    (folder / "lockstep.toml").write_text("")
    shutil.copytree(ROOT / "preprocessing", folder / "preprocessing")
    (folder / "old.csv").write_text("\n".join(price_file.read_text().splitlines()[: N_STORED + 1]))
    recipe = ("--symbol", "TINY", "--test-rows", TEST_ROWS, "--estimator", "ridge(alpha=7.0)", "--scaler", "minmax")
    with measuring_once():
        run_command("train", "old.csv", "--out", "models/tiny", *recipe, folder=folder).check_output()
        yield folder


@pytest.fixture(scope="module")
def bundle(application: Path) -> SeriesBundle:
    return load_series(application / "models" / "tiny" / "1")


@pytest.fixture(scope="module")
def newer(bundle: SeriesBundle, msft: Bars) -> Bars:
    """The stored bars, and those that followed."""
    return join_bars(bundle.bars, msft.select(slice(N_STORED, N_STORED + N_NEW)))


@pytest.fixture(scope="module")
def msft(default_bundle: SeriesBundle) -> Bars:
    return default_bundle.bars


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_bars(bars: Bars) -> Path:
        path = tmp_path / "new.csv"
        path.write_text(write_price_csv(bars))
        return path

    return write_bars


def update(application: Path, *arguments: object) -> Ended:
    return run_command("update", *arguments, folder=application)


def test_the_next_version_is_the_one_that_train_makes_of_the_file(application: Path, newer: Bars, write: Write) -> None:
    path, model = write(newer), application / "models" / "tiny"
    shown = update(application, "tiny", path).check_output()
    version = list_versions(model)[-1]
    updated = load_series(model / str(version)).manifest
    recipe = ("--symbol", "TINY", "--test-rows", TEST_ROWS, "--estimator", "ridge(alpha=7.0)", "--scaler", "minmax")
    run_command("train", path, "--out", "models/other", *recipe, folder=application).check_output()
    trained = load_series(application / "models" / "other" / "1").manifest
    assert updated.files == trained.files
    assert (updated.scores, updated.verdict, updated.test) == (trained.scores, trained.verdict, trained.test)
    assert read_aliases(model) == {"champion": 1}
    assert f"added     {N_NEW} bars, {newer.dates[N_STORED]} … {newer.dates[-1]}\n" in shown
    assert "corrected none of the stored bars\n" in shown
    assert f"TINY: versions 1 and {version}, each on its own test rows" in shown
    assert f"digest {updated.digest[:12]}, which does not answer yet: version 1 is the champion\n" in shown
    assert f"lockstep models diff tiny 1 {version}    lockstep models promote tiny {version}\n" in shown
    assert re.search(r"^verdict   In 5 folds .*\n.*\n          before: In 5 folds", shown, re.MULTILINE)


def test_corrected_and_missing_bars_are_dated_and_json_lists_them(application: Path, newer: Bars, write: Write) -> None:
    values = newer.values.copy()
    values[3, 300], values[4, 310] = values[3, 300] * 1.01, values[4, 310] * 1.5
    values[1, 300] = max(values[1, 300], values[3, 300])
    changed = Bars(newer.dates, values).select(slice(20, None))
    told = json.loads(update(application, "tiny/1", write(changed), "--json").check_output())
    assert told["added"] == newer.dates[N_STORED:].astype(str).tolist()
    assert told["corrected"] == newer.dates[[300, 310]].astype(str).tolist()
    assert told["missing"] == newer.dates[:20].astype(str).tolist()
    assert (told["earlier"], told["version_before"], told["manifest"]["symbol"]) == ([], 1, "TINY")
    assert f"first on {newer.dates[300]}" in told["prices"]


@pytest.mark.parametrize("factor", [1.0, 0.985, 0.5])
def test_prices_that_were_all_adjusted_by_one_factor_are_no_correction(
    factor: float, bundle: SeriesBundle, newer: Bars
) -> None:
    found = compare_bars(bundle.bars, scale_bars(newer, factor), "new.csv")
    assert (found.added.size, found.corrected.size, found.missing.size) == (N_NEW, 0, 0)
    assert found.overlap.kind == ("equal" if factor == 1.0 else "scaled")


def adjust_yearly(bars: Bars) -> Bars:
    """Return the bars adjusted otherwise: by a factor that changes with each of four dividends."""
    return scale_bars(bars, np.power(0.97, np.arange(len(bars)) // 100).astype(np.float64))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda bars: bars.select(slice(-N_NEW - 200, None)), "new.csv has 200 of the 450 stored bars. An update lear"),
        (lambda bars: bars.select(slice(0, N_STORED)), "new.csv ends on 2001-12-14, and the stored bars on 2001-12-14"),
        (adjust_yearly, "new.csv has other values for 350 of 450 stored bars: 350 of 450 common closes differ, by a"),
    ],
    ids=["most bars missing", "no new bar", "adjusted otherwise"],
)
def test_a_file_that_is_no_newer_one_of_the_same_prices_is_refused(
    change: Callable[[Bars], Bars], said: str, application: Path, newer: Bars, write: Write
) -> None:
    before = list_versions(application / "models" / "tiny")
    refused = update(application, "tiny", write(change(newer)))
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert said in refused.stderr
    assert list_versions(application / "models" / "tiny") == before


def test_a_file_of_another_series_is_refused(bundle: SeriesBundle, newer: Bars) -> None:
    other = scale_bars(newer, np.exp(np.random.default_rng(3).normal(0.0, 0.02, len(newer))))
    with pytest.raises(OtherPrices, match="the file is of another series"):
        compare_bars(bundle.bars, other, "new.csv")


def test_bars_without_any_volume_can_be_compared(bundle: SeriesBundle, newer: Bars) -> None:
    values = newer.values.copy()
    values[4] = 0.0
    idle = Bars(newer.dates, values)
    assert not compare_bars(idle.select(slice(0, N_STORED)), idle, "new.csv").corrected.size


def test_other_kinds_of_models_name_the_command_that_trains_them(tmp_path: Path, newer: Bars, write: Write) -> None:
    recipe = TableRecipe("iris", TARGET, DecisionTreeClassifier(max_depth=2))
    table = save_table(tmp_path, load_table("iris"), recipe)
    panel = save_panel(tmp_path / "many", make_series(2))
    for folder, said in ((table, "lockstep train-table ROWS"), (panel, "lockstep train-panel PRICES --out")):
        refused = update(tmp_path, folder, write(newer))
        assert (refused.returncode, said in refused.stderr) == (1, True)


@pytest.mark.parametrize("environ", [{"DYNO": "run.1"}, {}], ids=["a dyno", "the library's own"])
def test_a_model_that_would_not_last_is_not_updated(
    environ: dict[str, str], tmp_path: Path, newer: Bars, write: Write
) -> None:
    refused = run_command("update", "msft", write(newer), folder=tmp_path, environ=environ)
    assert refused.returncode == 1
    assert ("a dyno's disk does not last" if environ else "read-only; `lockstep init DIR` makes") in refused.stderr


def test_a_calendar_that_the_dates_chose_is_chosen_anew(application: Path, newer: Bars, write: Write) -> None:
    holed = Bars(np.delete(newer.dates, 30), np.delete(newer.values, 30, axis=1))
    old = write(holed.select(slice(0, N_STORED)))
    recipe = ("--symbol", "TINY", "--estimator", "ridge", "--out", "models/holed")
    run_command("train", old, *recipe, folder=application).check_output()
    first = load_series(application / "models" / "holed" / "1").manifest
    told = json.loads(update(application, "holed", write(newer), "--json").check_output())
    assert (first.schema.calendar.name, told["manifest"]["schema"]["calendar"]["name"]) == (
        "XNYS without 1 session(s)",
        "XNYS",
    )
    assert told["added"] == newer.dates[[30, *range(N_STORED + 1, N_STORED + N_NEW)]].astype(str).tolist()
    assert (first.test.rows, told["manifest"]["test"]["rows"]) == (83, 86)  # a third, as nothing else was asked for


def test_a_calendar_that_was_asked_for_is_kept(application: Path, newer: Bars, write: Write) -> None:
    kept = np.flatnonzero(np.arange(len(newer)) % 10)  # more holes than are taken for closed days
    holed = newer.select(kept)
    recipe = ("--symbol", "TINY", "--estimator", "ridge", "--out", "models/own", "--calendar", "file")
    run_command("train", write(holed.select(slice(0, -5))), *recipe, folder=application).check_output()
    told = json.loads(update(application, "own", write(holed), "--json").check_output())
    assert (told["manifest"]["schema"]["calendar"]["name"], len(told["added"])) == ("file", 5)
