"""What `lockstep drift` finds, from the answers of a bundle and of a service that serves it."""

import dataclasses

import msgspec
import numpy as np
import pytest

from lockstep.bundles.scores import ReturnScores
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.drift.bets import LARGER_LOSS
from lockstep.drift.overlap import OtherPrices
from lockstep.drift.report import DriftReport
from lockstep.drift.sources import BundleSource, NotTaken, NotWatched, find_served
from lockstep.drift.watching import watch
from lockstep.errors import MissingBars
from lockstep.predict.intervals import EVALUATED_LEVELS, find_bounds
from lockstep.predict.stages import HALF_WIDTH
from lockstep.scoring.service import Service, load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from qa.in_process import AppClient
from tests.unit.drift.conftest import N_NEW, WriteFile, join_bars, replay, scale_bars

LOOKBACK = 200
AGAINST_FORECASTS = 60
ROUNDING = 1e-12
"""A sum in another order."""


@pytest.fixture(scope="session")
def source(default_bundle: SeriesBundle) -> BundleSource:
    return BundleSource(default_bundle, 1)


@pytest.fixture(scope="session")
def service() -> Service:
    return load_service(Settings(rate_limit=None))


def without(report: DriftReport, *members: str) -> dict[str, object]:
    """Return the report as JSON without some members."""
    told: dict[str, object] = msgspec.to_builtins(report)
    return {name: value for name, value in told.items() if name not in members}


def test_rows_since_the_evaluation_are_scored_as_the_forecaster_and_the_bars_say(
    source: BundleSource, newer: Bars, write_file: WriteFile
) -> None:
    """The oracle reads neither routes nor pieces: it forecasts the newer bars, and divides closes in a loop."""
    report = watch(source, write_file(newer))
    first = len(newer) - N_NEW - 1  # the newest stored bar: its outcome is the first new close
    posted = newer.select(slice(first - LOOKBACK + 1, None))
    stages = source.bundle.forecaster.forecast(posted, use_stored=False, levels=EVALUATED_LEVELS).stages
    returns = [newer.close[place + 1] / newer.close[place] for place in range(first, len(newer) - 1)]
    predicted = stages["prediction"][: len(returns)].tolist()
    errors = [abs(one - other) for one, other in zip(returns, predicted, strict=True)]
    assert (report.new_bars, report.scored_rows, report.evaluated_rows) == (N_NEW, N_NEW, 960)
    assert report.errors.new == pytest.approx(sum(errors) / N_NEW, rel=ROUNDING)
    assert report.errors.new_naive == pytest.approx(sum(abs(each - 1.0) for each in returns) / N_NEW, rel=ROUNDING)
    for place, covered in enumerate(report.coverage):
        lower, upper = (bound.tolist() for bound in find_bounds(stages[HALF_WIDTH][: len(returns), place]))
        held = [low <= value <= high for low, value, high in zip(lower, returns, upper, strict=True)]
        assert covered.level == EVALUATED_LEVELS[place]
        assert covered.new == pytest.approx(sum(held) / N_NEW)


def test_the_evaluation_is_that_of_the_manifest(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    errors, scores = watch(source, write_file(newer)).errors, source.bundle.manifest.scores
    for found, name in ((errors.evaluated, "model"), (errors.evaluated_naive, "always 1.0")):
        scored = scores[name]
        assert isinstance(scored, ReturnScores)
        assert found == pytest.approx(scored.mae, rel=ROUNDING)


def test_features_are_compared_with_those_of_the_learning_rows(
    source: BundleSource, newer: Bars, write_file: WriteFile
) -> None:
    found = watch(source, write_file(newer)).features
    bundle, manifest = source.bundle, source.bundle.manifest
    n_learned = manifest.learning.rows
    learned = bundle.forecaster.build_features(bundle.bars)[LOOKBACK - 1 : LOOKBACK - 1 + n_learned].tolist()
    built = bundle.forecaster.build_features(newer)[-N_NEW:].tolist()
    ranges = [(min(column), max(column)) for column in zip(*learned, strict=True)]
    outside = [any(not low <= value <= high for value, (low, high) in zip(row, ranges, strict=True)) for row in built]
    assert found is not None
    assert found.rows == N_NEW
    assert found.share == pytest.approx(sum(outside) / N_NEW)
    for each in found.worst:
        place = bundle.manifest.feature_set.columns.index(each.name)
        assert each.learned == ranges[place]


def test_a_service_and_its_bundle_say_the_same(
    source: BundleSource, service: Service, newer: Bars, write_file: WriteFile
) -> None:
    file = write_file(newer)
    served = find_served(AppClient(make_app(service).wsgi_app), None, None)
    over_http, in_process = watch(served, file), watch(source, file)
    assert without(over_http, "features") == without(in_process, "features")
    assert over_http.features is not None
    assert in_process.features is not None
    assert over_http.features.share == in_process.features.share
    assert over_http.features.evaluated_share == in_process.features.evaluated_share
    numbered = [source.bundle.manifest.feature_set.columns.index(each.name) + 1 for each in in_process.features.worst]
    assert [each.name for each in over_http.features.worst] == [f"feature {number}" for number in numbered]


def test_pieces_are_as_the_whole(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    file = write_file(newer)
    pieces = dataclasses.replace(source, max_rows=LOOKBACK + 17)
    assert watch(pieces, file) == watch(source, file)


def test_more_rows_than_a_service_takes_are_refused_with_the_setting(
    source: BundleSource, newer: Bars, write_file: WriteFile
) -> None:
    with pytest.raises(NotWatched, match="raise LOCKSTEP_MAX_ROWS"):
        watch(dataclasses.replace(source, max_rows=LOOKBACK - 1), write_file(newer))


def test_stored_bars_reach_back_if_the_file_does_not(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    whole = watch(source, write_file(newer))
    short = watch(source, write_file(newer.select(slice(-N_NEW - 20, None))))
    assert without(short, "overlap") == without(whole, "overlap")
    assert (short.overlap.bars, short.overlap.kind) == (20, "equal")


def test_prices_that_were_adjusted_again_are_compared_and_named(
    source: BundleSource, newer: Bars, write_file: WriteFile
) -> None:
    report = watch(source, write_file(scale_bars(newer, 0.5)))  # a power of two leaves the bits of every ratio
    assert (report.overlap.kind, report.overlap.factor) == ("scaled", 0.5)
    assert without(report, "overlap") == without(watch(source, write_file(newer)), "overlap")


def test_two_adjustments_are_not_mixed(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    with pytest.raises(NotWatched, match=r"20 of 20 common closes .* the file has 19 bars before .*; expected 199"):
        watch(source, write_file(scale_bars(newer.select(slice(-N_NEW - 20, None)), 0.5)))


def test_prices_of_another_adjustment_end_with_2(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    factors = np.where(np.arange(len(newer)) >= len(newer) - N_NEW - 40, 1.0, 0.8)  # as before a dividend
    report = watch(source, write_file(scale_bars(newer, factors)))
    assert (report.overlap.kind, report.verdict, report.exit_code) == ("changed", "other-prices", 2)
    assert (
        "adjusted otherwise than the stored ones. Use a file that is adjusted as the training file was." in report.says
    )


def test_a_split_that_is_not_adjusted_is_named(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    doubled = np.where(np.arange(len(newer)) >= len(newer) - 30, 2.0, 1.0)
    report = watch(source, write_file(scale_bars(newer, doubled)))
    assert "look at the prices first" in report.says
    assert any(note.startswith(f"jump: the close of {newer.dates[-30]}") for note in report.notes)


def test_another_series_is_refused(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    with pytest.raises(OtherPrices):
        watch(source, write_file(Bars(newer.dates, np.ascontiguousarray(newer.values[:, ::-1]))))


def test_a_file_without_a_newer_bar_is_refused(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    with pytest.raises(NotWatched, match="no newer bar"):
        watch(source, write_file(newer.select(slice(-N_NEW))))


def test_a_missing_session_is_named(source: BundleSource, service: Service, newer: Bars, write_file: WriteFile) -> None:
    file = write_file(newer.select(np.delete(np.arange(len(newer)), -20)))
    with pytest.raises(MissingBars, match=str(newer.dates[-20])):
        watch(source, file)
    with pytest.raises(NotTaken, match=f"answered 422: .*{newer.dates[-20]}"):
        watch(find_served(AppClient(make_app(service).wsgi_app), "msft", "champion"), file)


def test_one_new_bar_is_too_little(source: BundleSource, newer: Bars, write_file: WriteFile) -> None:
    report = watch(source, write_file(newer.select(slice(-N_NEW + 1))))
    assert (report.verdict, report.scored_rows, report.exit_code) == ("too-little", 1, 2)
    assert report.says.startswith("No verdict yet on msft/1: 1 row has come true since 2013-03-01")


def test_a_market_that_moves_against_every_forecast_is_found(source: BundleSource, write_file: WriteFile) -> None:
    """The next close lies as far on the other side of the last one as the forecast lay on its own."""
    bars = source.bundle.bars.select(slice(-LOOKBACK, None))
    coming = replay(source.bundle, AGAINST_FORECASTS).dates[-AGAINST_FORECASTS:]
    for date in coming:
        predicted = float(source.bundle.forecaster.forecast(bars.select(slice(-LOOKBACK, None)), False).prediction[-1])
        close = bars.close[-1] * (2.0 - predicted)
        values = np.array([[bars.close[-1]], [0.0], [0.0], [close], [1e7]])
        values[1], values[2] = values[[0, 3]].max() * 1.005, values[[0, 3]].min() * 0.995
        bars = join_bars(bars, Bars(np.array([date]), values))
    report = watch(source, write_file(bars))
    [alarmed] = [test for test in report.tests if test.alarm]
    assert (report.verdict, report.exit_code, alarmed.name) == ("left-evaluation", 1, LARGER_LOSS)
    assert alarmed.new == pytest.approx(1.0)
    assert report.says.startswith(f"msft/1 left its evaluation by {alarmed.alarm}: ")


def test_a_model_that_a_service_does_not_hold_is_named(service: Service) -> None:
    with pytest.raises(NotWatched, match="serves msft/1; name one of them"):
        find_served(AppClient(make_app(service).wsgi_app), "other", None)
