"""Models of other targets and horizons: what can be said of them is said, and the rest is named."""

import dataclasses
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import Ridge

from lockstep.applications import find_application
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.scores import LabelScores
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar
from lockstep.drift.sources import BundleSource, NotWatched
from lockstep.drift.watching import watch
from lockstep.predict.forecast import Forecaster
from lockstep.training.named_targets import load_target
from lockstep.training.recipe import Recipe
from lockstep.training.target import Target
from lockstep.training.training import train
from qa.servers import ROOT
from tests.unit.drift.conftest import WriteFile, replay, scale_bars

N_NEW = 20


def largest_move(bars: Bars, horizon_bars: int) -> Array:
    """Return a target that no answer of a service tells."""
    found = np.full(len(bars), np.nan)
    found[:-horizon_bars] = bars.high[horizon_bars:] / bars.low[:-horizon_bars]
    return found


def make_source(folder: Path, bars: Bars, calendar: Calendar, recipe: Recipe) -> BundleSource:
    trained = train(bars, calendar, recipe)
    return BundleSource(load_series(save_bundle(folder / "models" / "tiny", trained.manifest, trained.files)), 1)


def test_a_direction_is_compared_by_its_wrong_labels(
    tmp_path: Path, market: Bars, bars: Bars, calendar: Calendar, recipe: Recipe, write_file: WriteFile
) -> None:
    direction = msgspec.structs.replace(recipe, target=load_target("direction", 1, find_application(ROOT)))
    source = make_source(tmp_path, bars, calendar, direction)
    report = watch(source, write_file(market))
    first = len(bars) - 1
    answered = source.bundle.forecaster.forecast(market.select(slice(first, None))).prediction[:-1].tolist()
    rises = [market.close[place + 1] > market.close[place] for place in range(first, len(market) - 1)]
    came = ["up" if has_risen else "down" for has_risen in rises]
    wrong = [one != other for one, other in zip(answered, came, strict=True)]
    assert (report.scored_rows, report.coverage) == (N_NEW, [])
    assert report.errors.new == pytest.approx(sum(wrong) / N_NEW)
    scores = source.bundle.manifest.scores["model"]
    assert isinstance(scores, LabelScores)
    assert report.errors.evaluated == pytest.approx(1.0 - scores.accuracy)
    assert [note.partition(":")[0] for note in report.notes] == ["intervals"]


def test_of_a_target_of_ones_own_the_features_are_compared_and_the_rest_is_named(
    tmp_path: Path, market: Bars, bars: Bars, calendar: Calendar, recipe: Recipe, write_file: WriteFile
) -> None:
    own = msgspec.structs.replace(recipe, target=Target("own.py:largest_move", 2, largest_move))
    report = watch(make_source(tmp_path, bars, calendar, own), write_file(market))
    assert (report.verdict, report.scored_rows, report.tests) == ("too-little", 0, [])
    assert report.features is not None
    assert [note.partition(":")[0] for note in report.notes] == ["outcomes", "intervals"]


def test_rows_further_ahead_are_scored_when_they_come_true(
    tmp_path: Path, default_bundle: SeriesBundle, recipe: Recipe, write_file: WriteFile
) -> None:
    target = load_target("return", 3, find_application(ROOT))
    ahead = msgspec.structs.replace(recipe, target=target, estimator=Ridge(), test_rows=961)
    source = make_source(tmp_path, default_bundle.bars, default_bundle.calendar, ahead)
    newer = replay(source.bundle, N_NEW)
    report = watch(source, write_file(newer))
    first = len(newer) - N_NEW - 3
    forecast = source.bundle.forecaster.forecast(newer.select(slice(first, None))).prediction
    errors = [abs(forecast[row] - newer.close[first + row + 3] / newer.close[first + row]) for row in range(N_NEW)]
    assert (report.horizon_bars, report.new_bars, report.scored_rows) == (3, N_NEW, N_NEW)
    assert report.errors.new == pytest.approx(sum(errors) / N_NEW)
    assert report.stored_until == str(default_bundle.bars.dates[-1])
    assert all(each.chance is not None for each in report.coverage)


def read_whole_history(bundle: SeriesBundle, starts: set[str]) -> SeriesBundle:
    """Return the bundle with features that read all of the history; `starts` gets the dates of the first bars."""

    def build(bars: Bars) -> Array:
        starts.add(str(bars.dates[0]))
        return forecaster.feature_set.build(bars)

    forecaster, manifest = bundle.forecaster, bundle.manifest
    entry = msgspec.structs.replace(manifest.feature_set, whole_history=True)
    features = dataclasses.replace(forecaster.feature_set, whole_history=True, build=build)
    whole = Forecaster(forecaster.history, features, forecaster.model, forecaster.interval)
    manifest = msgspec.structs.replace(manifest, feature_set=entry)
    return dataclasses.replace(bundle, manifest=manifest, forecaster=whole)


def test_features_that_read_the_whole_history_get_it(bundle: SeriesBundle, market: Bars, write_file: WriteFile) -> None:
    starts: set[str] = set()
    source, file = BundleSource(read_whole_history(bundle, starts), 1), write_file(market)
    report = watch(source, file)
    assert report.errors == watch(BundleSource(bundle, 1), file).errors
    assert starts == {str(bundle.bars.dates[0])}
    with pytest.raises(NotWatched, match="21 bars, and 0 before them, are more than the 20"):
        watch(dataclasses.replace(source, max_rows=N_NEW), file)


def test_a_whole_history_of_two_adjustments_is_refused(
    bundle: SeriesBundle, market: Bars, write_file: WriteFile
) -> None:
    source = BundleSource(read_whole_history(bundle, set()), 1)
    with pytest.raises(NotWatched, match="also read all stored ones"):
        watch(source, write_file(scale_bars(market, 0.5)))
