import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from lockstep.applications import find_application
from lockstep.bundles.reading import load_series
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.doors import plain, v1
from lockstep.doors.door import Received
from lockstep.doors.stored import write_frame
from lockstep.predict.intervals import MAX_HORIZON_BARS
from lockstep.scoring.score import score
from lockstep.training.named_targets import load_target
from lockstep.training.recipe import Recipe
from lockstep.training.training import train
from qa.servers import ROOT

HORIZON, ROWS = 5, 8
COLUMNS = ["date", "forecast_date", "close", "y_pred", "close_pred", "naive"]


def train_bundle(bars: Bars, calendar: Calendar, recipe: Recipe, folder: Path) -> SeriesBundle:
    trained = train(bars, calendar, recipe)
    return load_series(save_bundle(folder / "tiny", trained.manifest, trained.files))


def answer(bundle: SeriesBundle) -> tuple[dict[str, list[Any]], list[Any]]:
    """Return the columns of the frame that answers the newest bars, and the list of the plain route."""
    served = Served("tiny", 1, ("champion",), bundle, SelfCheck(1, 0.0))
    registry = Registry((served,), served)
    body = json.dumps(write_frame(bundle.bars.select(slice(-ROWS, None)))).encode()
    frame = json.loads(v1.encode(score(registry, v1.decode(Received(body, 100))), "id").body)["forecast"]
    columns = dict(zip(frame["columns"], map(list, zip(*frame["data"], strict=True)), strict=True))
    predictions = json.loads(plain.encode(score(registry, plain.decode(Received(body, 100))), "id").body)["y_pred"]
    return columns, json.loads(predictions)


@pytest.fixture
def horizon(recipe: Recipe) -> Recipe:
    target = load_target("return", HORIZON, find_application(ROOT))
    return msgspec.structs.replace(recipe, target=target, estimator=Ridge())


def test_experimental_intervals_are_warned_of_if_they_are_answered(
    bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path: Path
) -> None:
    target = load_target("return", MAX_HORIZON_BARS + 1, find_application(ROOT))
    wanted = msgspec.structs.replace(recipe, target=target, estimator=Ridge(), test_rows=100, interval="experimental")
    bundle = train_bundle(bars, calendar, wanted, tmp_path)
    served = Served("tiny", 1, ("champion",), bundle, SelfCheck(1, 0.0))
    registry = Registry((served,), served)
    for level, is_warned in (([80], True), ([], False)):
        body = json.dumps({**write_frame(bundle.bars.select(slice(-1, None))), "level": level}).encode()
        warnings = json.loads(v1.encode(score(registry, v1.decode(Received(body, 100))), "id").body)["warnings"]
        assert any("6 bars ahead are experimental" in line for line in warnings) == is_warned


def test_dates_and_prices_follow_the_horizon(bars: Bars, calendar: Calendar, horizon: Recipe, tmp_path: Path) -> None:
    columns, predictions = answer(train_bundle(bars, calendar, horizon, tmp_path))
    assert list(columns) == COLUMNS
    dates = calendar.session_dates(calendar.session_numbers(bars.dates[-ROWS:]) + HORIZON)
    assert columns["forecast_date"] == dates.astype(str).tolist()
    assert columns["forecast_date"][: ROWS - HORIZON] == bars.dates[-(ROWS - HORIZON) :].astype(str).tolist()
    assert columns["close_pred"] == (bars.close[-ROWS:] * np.array(columns["y_pred"])).tolist()
    assert columns["naive"] == [1.0] * ROWS
    assert columns["y_pred"] == predictions


def test_no_forecast_is_dated_beyond_the_calendar(
    bars: Bars, calendar: Calendar, horizon: Recipe, tmp_path: Path
) -> None:
    soon = bars.dates[-1] + np.timedelta64(3, "D")
    ends = Calendar("short", calendar.weekmask, calendar.first, soon, calendar.holidays)
    columns, _ = answer(train_bundle(bars, ends, horizon, tmp_path))
    n_dated = sum(date is not None for date in columns["forecast_date"])
    assert n_dated < ROWS
    assert columns["forecast_date"][n_dated:] == [None] * (ROWS - n_dated)
    assert None not in columns["y_pred"]


def test_a_label_has_no_price_but_probabilities(bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path: Path) -> None:
    target = load_target("direction", 1, find_application(ROOT))
    asked = msgspec.structs.replace(recipe, target=target, estimator=LogisticRegression())
    bundle = train_bundle(bars, calendar, asked, tmp_path)
    columns, predictions = answer(bundle)
    assert list(columns) == [*COLUMNS, "proba_down", "proba_up"]
    assert columns["y_pred"] == predictions == bundle.evaluation.y_pred[-ROWS:].tolist()
    assert columns["proba_up"] == bundle.evaluation.cells["proba:up"][-ROWS:].tolist()
    assert (columns["close_pred"], columns["naive"]) == ([None] * ROWS, [bundle.manifest.naive] * ROWS)
