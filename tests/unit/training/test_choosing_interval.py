"""Which bundles get intervals, and what a service then answers and reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import Ridge

from lockstep.applications import find_application
from lockstep.bundles.manifest import MANIFEST_FILE, decode_manifest, encode_manifest
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import TrainingError
from lockstep.features.feature_set import FeatureSet, NamedFeatureSet
from lockstep.parity.bodies import split_frame
from lockstep.predict.intervals import MAX_HORIZON_BARS, interval_at
from lockstep.scoring.settings import Settings
from lockstep.training.choosing_interval import Needs, choose_interval
from lockstep.training.named_targets import load_target
from lockstep.training.recipe import Recipe
from lockstep.training.training import train
from lockstep.web.app import create_app
from qa.servers import ROOT

HORIZON, TEST_ROWS = 5, 100
FIVE_AHEAD = load_target("return", HORIZON, find_application(ROOT))
Save = Callable[..., Path]


@pytest.fixture
def save(bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path: Path) -> Save:
    """Train the tiny bundle in another way."""

    def make(**changes: object) -> Path:
        asked = msgspec.structs.replace(recipe, estimator=Ridge(), test_rows=TEST_ROWS, **changes)
        trained = train(bars, calendar, asked)
        return save_bundle(tmp_path / "tiny", trained.manifest, trained.files)

    return make


def serve(folder: Path) -> FlaskClient:
    return create_app(Settings(models=(folder,))).test_client()


def post(client: FlaskClient, bars: Bars, **members: object) -> Any:
    return client.post("/v1/forecast", json={"dataframe_split": split_frame(bars), **members})


@pytest.mark.parametrize(
    ("wanted", "changes", "reason"),
    [
        ("auto", {}, ""),
        ("none", {}, "--interval none"),
        ("auto", {"target": "direction"}, "the target is direction"),
        ("auto", {"adjusts": "close"}, "adjusts the close alone"),
        ("auto", {"bars_before": 199}, "the oldest test row has 199 bars, and an interval reads 200"),
        ("auto", {"horizon_bars": MAX_HORIZON_BARS + 1}, f"{MAX_HORIZON_BARS + 1} bars ahead"),
        ("experimental", {"horizon_bars": MAX_HORIZON_BARS + 1}, ""),
    ],
)
def test_a_bundle_without_interval_has_a_reason(wanted: Any, changes: dict[str, Any], reason: str) -> None:
    needs = Needs(**{"target": "return", "horizon_bars": 1, "adjusts": "prices", "bars_before": 1000, **changes})
    chosen = choose_interval(wanted, needs)
    assert reason in chosen.reason
    assert chosen.interval == (None if reason else interval_at(needs.horizon_bars))


def test_an_experimental_interval_that_cannot_be_had_is_refused() -> None:
    with pytest.raises(TrainingError, match="--interval experimental: the oldest test row has 10 bars"):
        choose_interval("experimental", Needs("return", 1, "prices", 10))


def test_five_bars_ahead_rows_need_the_look_back_of_their_intervals(save: Save, bars: Bars) -> None:
    folder = save(target=FIVE_AHEAD)
    client, n = serve(folder), 378 + HORIZON
    assert check_evaluation(load_series(folder)) == TEST_ROWS
    told = post(client, bars.select(slice(-n - 1, None)), history="none", level=[80, 20]).get_json()
    assert told["model"]["lookback_bars"] == told["interval"]["lookback_bars"] == n
    assert client.get("/version").get_json()["models"][0]["lookback_bars"] == n
    rows = [dict(zip(told["forecast"]["columns"], row, strict=True)) for row in told["forecast"]["data"]]
    assert [row["lo-80"] is None for row in rows] == [True] * (n - 1) + [False] * 2
    assert rows[-1]["lo-80"] < rows[-1]["lo-20"] < 1.0 < rows[-1]["hi-20"] < rows[-1]["hi-80"]
    stored = post(client, bars.select(slice(-2, None)), level=[80, 20]).get_json()
    assert stored["forecast"]["data"] == told["forecast"]["data"][-2:]
    for levels in ([80], []):  # whatever is asked, so that no row is answered in part
        short = post(client, bars.select(slice(1 - n, None)), history="none", level=levels)
        assert (short.status_code, short.get_json()["code"]) == (422, "missing-bars")
        assert f"a forecast needs {n} bars of consecutive sessions, posted: {n - 1}" in short.get_json()["detail"]


def test_a_bundle_trained_without_interval_answers_none_and_refuses_levels(save: Save, bars: Bars) -> None:
    folder = save(interval="none")
    client, newest = serve(folder), bars.select(slice(-2, None))
    told = post(client, newest, trace="digests").get_json()
    assert not any(name.startswith(("lo-", "hi-", "close_lo", "close_hi")) for name in told["forecast"]["columns"])
    assert ("interval" in told, list(told["trace"])[:3]) == (False, ["rows", "features", "scaled"])
    assert post(client, newest, level=[]).get_json()["forecast"] == told["forecast"]
    refused = post(client, newest, level=[80])
    assert refused.status_code == 422
    assert "tiny has no intervals: it was trained without" in refused.get_json()["detail"]


def test_a_bundle_of_before_keeps_its_bytes(save: Save) -> None:
    written = (save(interval="none") / MANIFEST_FILE).read_bytes()
    assert b'"interval"' not in written
    assert encode_manifest(decode_manifest(written)) == written


def test_a_small_feature_set_is_answered_from_the_look_back_of_the_interval_on(
    bars: Bars, calendar: Calendar, recipe: Recipe
) -> None:
    """Learning needs no interval: its rows start where the features do."""

    def build(bars: Bars) -> Any:
        return np.concatenate([np.full(2, np.nan), bars.close[2:] / bars.close[:-2]])[:, np.newaxis]

    small = NamedFeatureSet("small", FeatureSet(("two_days",), 3, build, reads_volume=False), (), "0" * 64)
    asked = msgspec.structs.replace(recipe, estimator=Ridge(), feature_set=small, test_rows=TEST_ROWS)
    manifest = train(bars, calendar, asked).manifest
    assert manifest.feature_set.lookback_bars == 3
    assert manifest.learning.first == str(bars.dates[2])
    assert isinstance(manifest.interval, msgspec.Struct)
    assert manifest.interval.lookback_bars == 200
