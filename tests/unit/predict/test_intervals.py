import dataclasses

import numpy as np
import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.errors import MissingBars
from lockstep.features.feature_set import FeatureSet
from lockstep.predict.exact.form import Inputs
from lockstep.predict.forecast import Forecast, Forecaster
from lockstep.predict.history import History
from lockstep.predict.intervals import (
    JUMP_SCALES,
    ROWS_AT_ONCE,
    Levels,
    RollingInterval,
    find_bounds,
    find_level_fault,
    interval_at,
)
from lockstep.predict.scales import SMALLEST_SCALE
from lockstep.predict.stages import HALF_WIDTH, PREDICTION, SCALE, Stages

LEVELS: Levels = (80, 1, 99, 50)
HORIZONS = (1, 2, 5)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_intervals_read_their_look_back_and_no_other_bar(msft: Bars, horizon: int) -> None:
    interval = interval_at(horizon)
    assert interval.lookback_bars == (200 if horizon == 1 else 378 + horizon)
    for place in (interval.lookback_bars - 1, 1000):
        whole = interval.measure(msft, np.array([place]), LEVELS).stages
        first = place - interval.lookback_bars + 1
        window = msft.select(slice(first, place + 1))
        alone = interval.measure(window, np.array([len(window) - 1]), LEVELS).stages
        assert all((whole[stage] == alone[stage]).all() for stage in whole)
        shorter = msft.select(slice(first + 1, place + 1))
        with pytest.raises((ValueError, IndexError)):
            interval.measure(shorter, np.array([len(shorter) - 1]), LEVELS)


@pytest.mark.parametrize("horizon", HORIZONS)
def test_later_bars_change_no_interval(msft: Bars, horizon: int) -> None:
    interval, cut = interval_at(horizon), 900
    values = msft.values.copy()
    values[:, cut + 1 :] *= np.random.default_rng(3).uniform(0.5, 2.0, values[:, cut + 1 :].shape[1])
    places = np.arange(cut - 40, cut + 1)
    before = interval.measure(msft, places, LEVELS).stages
    after = interval.measure(Bars(msft.dates, values), places, LEVELS).stages
    assert all((before[stage] == after[stage]).all() for stage in before)


def test_rows_have_the_same_intervals_alone_in_any_order_and_in_thousands(msft: Bars) -> None:
    interval, places = interval_at(1), np.arange(199, len(msft))
    together = interval.measure(msft, places, LEVELS).stages[HALF_WIDTH]
    order = np.random.default_rng(5).permutation(places.size)
    assert places.size > 2 * ROWS_AT_ONCE
    assert (interval.measure(msft, places[order], LEVELS).stages[HALF_WIDTH] == together[order]).all()
    for row in (0, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, places.size - 1):
        assert (interval.measure(msft, places[[row]], LEVELS).stages[HALF_WIDTH][0] == together[row]).all()


def test_wider_levels_hold_narrower_ones(msft: Bars) -> None:
    widths = interval_at(1).measure(msft, np.arange(199, len(msft)), tuple(range(1, 100))).stages[HALF_WIDTH]
    assert (np.diff(widths, axis=1) >= 0.0).all()
    assert (widths[:, 49] > 0.0).all()  # closes that have not changed make the narrowest ones 0


def test_bounds_lie_around_no_change_and_no_price_is_below_zero() -> None:
    lower, upper = find_bounds(np.array([0.25, 1.5]))
    assert (lower.tolist(), upper.tolist()) == ([0.75, 0.0], [1.25, 2.5])


def test_flat_prices_have_the_smallest_scale_and_are_counted(msft: Bars) -> None:
    flat = Bars(msft.dates[:220], np.tile(np.array([[7.0], [7.0], [7.0], [7.0], [1.0]]), 220))
    measured = interval_at(1).measure(flat, np.arange(199, 220), (80,))
    assert (measured.stages[SCALE] == SMALLEST_SCALE).all()
    assert (measured.stages[HALF_WIDTH] == 0.0).all()
    assert measured.oddities.n_flat == 21


def test_jumps_are_found_in_the_look_backs_alone(msft: Bars) -> None:
    values = msft.values[:, :600].copy()
    values[:4, 400:] *= 2.0
    doubled = Bars(msft.dates[:600], values)
    interval = interval_at(1)

    def find(*places: int) -> list[str]:
        jumps = interval.measure(doubled, np.array(places), (80,)).oddities.jumps
        assert all(jump.scales > JUMP_SCALES for jump in jumps)
        return [str(jump.date) for jump in jumps]

    date = str(doubled.dates[400])
    assert date not in find(399)
    assert date in find(400)
    assert date in find(534)
    assert date not in find(535)  # whose look-back has no scale for the bar before
    assert date not in find(535, 250)  # nor does a row beside it lend one
    assert date in find(535, 250, 400)
    [jump] = [
        each for each in interval.measure(doubled, np.array([400]), (80,)).oddities.jumps if str(each.date) == date
    ]
    assert (jump.close, jump.close_before) == (values[3, 400], values[3, 399])


def test_levels_are_distinct_whole_percents() -> None:
    assert find_level_fault((80, 95, 1, 99)) == ""
    assert find_level_fault(()) == ""
    assert "100 is no level" in find_level_fault((80, 100))
    assert "0 is no level" in find_level_fault((0,))
    assert find_level_fault((80, 95, 80)) == "80 is there twice; expected each level once"
    assert (
        find_level_fault((95, *[80] * 300_000)) == "80 is there twice; expected each level once"
    )  # minutes, if each were compared with all


def as_bytes(forecast: Forecast) -> list[bytes]:
    return [forecast.stages[stage].tobytes() for stage in (SCALE, HALF_WIDTH)]


def test_stored_and_posted_history_give_the_same_intervals(msft: Bars, default_bundle: SeriesBundle) -> None:
    forecaster, n = default_bundle.forecaster, 40
    stored = forecaster.forecast(msft.select(slice(-n, None)), levels=LEVELS)
    for more in (0, 1, 300):
        alone = forecaster.forecast(msft.select(slice(-n - 199 - more, None)), use_stored=False, levels=LEVELS)
        newest = alone.select(np.arange(more, more + n))
        assert as_bytes(newest) == as_bytes(stored)
    mixed = forecaster.forecast(msft.select(slice(-n - 7, None)), levels=LEVELS)
    assert as_bytes(mixed.select(np.arange(7, n + 7))) == as_bytes(stored)


def test_a_feature_set_that_reads_the_whole_history_changes_no_interval(
    msft: Bars, default_bundle: SeriesBundle
) -> None:
    forecaster = default_bundle.forecaster
    whole = dataclasses.replace(forecaster.feature_set, whole_history=True)
    reading_all = Forecaster(forecaster.history, whole, forecaster.model, forecaster.interval)
    newest = msft.select(slice(-5, None))
    assert as_bytes(reading_all.forecast(newest, levels=LEVELS)) == as_bytes(forecaster.forecast(newest, levels=LEVELS))


class AnswersOne:
    """A model of one feature, or of any number of them."""

    def predict(self, inputs: Inputs) -> Stages:
        return {PREDICTION: np.ones(len(inputs))}


def test_the_first_row_answered_is_that_of_the_longer_look_back(msft: Bars, default_bundle: SeriesBundle) -> None:
    small = FeatureSet(("close",), 3, lambda bars: bars.close[:, np.newaxis])
    history, model = default_bundle.forecaster.history, AnswersOne()

    def list_answered(n_bars: int, interval: RollingInterval | None, levels: Levels = ()) -> list[int]:
        forecaster = Forecaster(history, small, model, interval)
        return forecaster.forecast(msft.select(slice(n_bars)), False, levels=levels).rows.tolist()

    assert list_answered(4, None) == [2, 3]
    for levels in ((), LEVELS):
        assert list_answered(201, interval_at(1), levels) == [199, 200]
        with pytest.raises(MissingBars, match="a forecast needs 200 bars of consecutive sessions, posted: 199"):
            list_answered(199, interval_at(1), levels)
        assert list_answered(383, interval_at(5), levels) == [382]


def test_a_forecaster_without_interval_refuses_levels(msft: Bars, default_bundle: SeriesBundle) -> None:
    forecaster = default_bundle.forecaster
    bare = Forecaster(History(msft, forecaster.history.calendar), forecaster.feature_set, forecaster.model)
    with pytest.raises(ValueError, match="no interval"):
        bare.forecast(msft.select(slice(-1, None)), levels=(80,))
