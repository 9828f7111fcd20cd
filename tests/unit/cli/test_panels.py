"""Commands on the folder of a panel: they go through all series, take one by its symbol, or say what to name."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.cli.tracking import track_series
from lockstep.errors import InvalidBundle
from tests.small_panels import TEST_ROWS, make_series, save_panel
from tests.unit.cli.conftest import Run

N_SERIES = 18
SERIES = make_series(N_SERIES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(tmp_path_factory.mktemp("models") / "many", SERIES)


@pytest.fixture(scope="module")
def panel(folder: Path) -> PanelBundle:
    loaded = load_bundle(folder)
    assert isinstance(loaded, PanelBundle)
    return loaded


def test_verify_recomputes_every_series(folder: Path, panel: PanelBundle, run: Run) -> None:
    shown = run("verify", folder).stdout
    assert f"{N_SERIES * TEST_ROWS} rows of {N_SERIES} series recomputed to the bit" in shown
    assert "exact.msgpack follows from the pickles" in shown
    assert f"that the bars are prices of its {N_SERIES} symbols" in shown
    assert shown.endswith(f"model digest {panel.manifest.digest}\n")
    assert json.loads(run("verify", folder, "--json").stdout)["rows"] == N_SERIES * TEST_ROWS


def test_models_lists_and_shows_a_panel(folder: Path, panel: PanelBundle, run: Run) -> None:
    models = folder.parents[1]
    [_, line] = run("models", "--models", models).stdout.splitlines()
    assert line.split()[:4] == ["many", "1", "champion", "panel"]
    assert f"{panel.manifest.scores['model'].mae:.6f}" in line  # type: ignore[union-attr]
    shown = run("models", "--models", models, "show", "many").stdout
    assert ["\nseries  " in shown, "S3" in shown] == [True, False]


def test_a_panel_is_promoted_and_compared(tmp_path: Path, run: Run) -> None:
    for seed in (1, 2):
        save_panel(tmp_path / "models" / "many", make_series(2, seed))
    models = ("models", "--models", tmp_path / "models")
    assert "many: champion is version 2, and was 1" in run(*models, "promote", "many", 2).stdout
    shown = run(*models, "diff", "many", 1, 2).stdout
    assert ["scores.model.mae" in shown, "answers: not compared" in shown] == [True, True]


def test_nixtlas_frame_has_every_series_or_the_one_that_is_named(
    folder: Path, panel: PanelBundle, run: Run, tmp_path: Path
) -> None:
    whole, one = tmp_path / "whole.csv", tmp_path / "one.csv"
    assert run("export", "nixtla", whole, "--bundle", folder).exit_code == 0
    assert run("export", "nixtla", one, "--bundle", folder, "--symbol", "S3").exit_code == 0
    rows, named = (list(csv.DictReader(path.read_text().splitlines())) for path in (whole, one))
    assert list(dict.fromkeys(row["unique_id"] for row in rows)) == panel.index.symbols
    assert [row for row in rows if row["unique_id"] == "S3"] == named
    expected = panel.pick("S3").evaluation.y_pred[: TEST_ROWS - 1].tolist()
    assert [float(row["many"]) for row in rows if row["unique_id"] == "S3"] == expected


def test_what_a_panel_cannot_be_says_what_to_do_instead(folder: Path, run: Run, tmp_path: Path, prices: Path) -> None:
    with pytest.raises(InvalidBundle, match="POST /invocations with"):
        run("export", "mlflow", tmp_path / "out", "--bundle", folder)
    drift = run("drift", folder, prices)
    assert (drift.exit_code, "name one of its 18 with --symbol: S0, S1" in drift.stderr) == (2, True)
    assert "many has no series 'S99'" in run("drift", folder, prices, "--symbol", "S99").stderr
    with pytest.raises(InvalidBundle, match="is not sealed again; train it again"):
        run("models", "--models", folder.parents[1], "reseal", "many")


def test_a_bar_shows_how_far_it_is_to_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    for is_terminal in (False, True):
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda is_terminal=is_terminal: is_terminal)
        monkeypatch.setattr(sys, "stderr", stream)
        assert list(track_series(["A", "B"])) == ["A", "B"]
        shown.append(stream.getvalue())
    assert (shown[0], "100%" in shown[1]) == ("", True)
