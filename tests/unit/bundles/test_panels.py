"""A panel is written series by series; a picked series is a bundle like any other."""

from pathlib import Path

import numpy as np
import pytest

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.targets import BUILT_IN
from lockstep.errors import UnknownSymbol
from lockstep.predict.intervals import interval_at
from lockstep.training.target import Target
from tests.small_panels import TEST_ROWS, make_series, save_panel

N_SERIES = 20
SERIES = make_series(N_SERIES)
UP_OR_DOWN = Target("direction", 2, BUILT_IN["direction"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(tmp_path_factory.mktemp("models") / "many", SERIES, interval=interval_at(1))


@pytest.fixture(scope="module")
def panel(folder: Path) -> PanelBundle:
    loaded = load_bundle(folder)
    assert isinstance(loaded, PanelBundle)
    return loaded


def test_every_picked_series_reproduces_its_evaluation_on_the_bars_it_was_written_with(panel: PanelBundle) -> None:
    for symbol, bars in SERIES.items():
        picked = panel.pick(symbol)
        assert check_evaluation(picked) == TEST_ROWS
        assert picked.bars.values.tobytes() == bars.values.tobytes()
        assert (picked.bars.dates == bars.dates).all()


def test_a_picked_series_states_its_own_windows_under_the_digest_of_the_panel(panel: PanelBundle) -> None:
    manifest, bars = panel.pick("S7").manifest, SERIES["S7"]
    assert (manifest.kind, manifest.symbol, manifest.digest) == ("series", "S7", panel.manifest.digest)
    assert (manifest.test.first, manifest.test.last) == (str(bars.dates[-TEST_ROWS]), str(bars.dates[-1]))
    assert manifest.learning.rows == len(bars) - TEST_ROWS - panel.feature_set.lookback_bars + 1


def test_the_arrays_are_numpy_files_of_named_columns(folder: Path) -> None:
    bars, rows = (np.load(folder / name, allow_pickle=False) for name in ("bars.npy", "evaluation.npy"))
    assert bars["close"].tolist() == np.concatenate([each.close for each in SERIES.values()]).tolist()
    assert (rows.dtype.names, rows.size) == (("y_true", "y_pred"), N_SERIES * TEST_ROWS)


def test_a_panel_of_a_classifier_holds_its_labels_and_probabilities(tmp_path: Path) -> None:
    folder = save_panel(tmp_path / "models" / "direction", make_series(3), UP_OR_DOWN)
    panel = load_bundle(folder)
    assert isinstance(panel, PanelBundle)
    assert [check_evaluation(panel.pick(symbol)) for symbol in panel.index.symbols] == [TEST_ROWS] * 3
    rows = np.load(folder / "evaluation.npy", allow_pickle=False)
    assert rows.dtype.names == ("y_true", "y_pred", "proba:down", "proba:up")
    assert rows["y_true"][-2:].tolist() == ["", ""]


def test_a_series_that_the_panel_lacks_is_refused_by_name(panel: PanelBundle) -> None:
    with pytest.raises(UnknownSymbol, match="many has no series 'S99'; it forecasts S0, S1, S2, S3, S4 and 15 more"):
        panel.pick("S99")
