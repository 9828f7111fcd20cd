"""The band of coverage that chance alone allows, against a small simulation."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from lockstep.data.bars import Bars
from lockstep.predict.intervals import EVALUATED_LEVELS, MAX_HORIZON_BARS, interval_at
from lockstep.predict.stages import HALF_WIDTH
from lockstep.worth.chance import CHANCE_ROWS, HALF_BANDS, find_chance_band

N_BARS, STEPS = 60_000, 16
IN_BAND = (0.90, 0.98)  # 95 % by design; of 240 runs 1.4 points more or less by chance, and other tails move it by two


@pytest.fixture(scope="module")
def hits() -> dict[int, NDArray[np.bool_]]:
    """Whether the intervals of each level held in bars that walk at random, one bar ahead, oldest first."""
    path = np.cumsum(np.random.default_rng(1).normal(0.0, 0.004, N_BARS * STEPS)).reshape(N_BARS, STEPS)
    prices = np.exp([path[:, 0], path.max(axis=1), path.min(axis=1), path[:, -1]])
    bars, interval = Bars(np.datetime64("2000-01-01") + np.arange(N_BARS), prices), interval_at(1)
    places = np.arange(interval.lookback_bars - 1, N_BARS - 1)
    half_widths = interval.measure(bars, places, EVALUATED_LEVELS).stages[HALF_WIDTH]
    moves = np.abs(bars.close[places + 1] / bars.close[places] - 1.0)
    return {level: moves <= half_widths[:, column] for column, level in enumerate(EVALUATED_LEVELS)}


@pytest.mark.parametrize("level", EVALUATED_LEVELS)
def test_runs_of_a_random_walk_stay_in_the_band(hits: Mapping[int, NDArray[np.bool_]], level: int) -> None:
    low, high = find_chance_band(level, 250, 1) or (1.0, 0.0)
    shares = hits[level][: hits[level].size // 250 * 250].reshape(-1, 250).mean(axis=1)
    assert IN_BAND[0] < np.mean((low <= shares) & (shares <= high)) < IN_BAND[1]


def test_a_long_run_strays_much_less_than_throws_of_a_coin() -> None:
    low, high = find_chance_band(80, 961, 1) or (0.0, 1.0)
    assert high - low < 0.5 * (2.0 * 1.96 * math.sqrt(0.16 / 961))
    assert (low + high) / 2.0 == pytest.approx(0.8)


def test_bands_are_the_simulated_ones_and_shrink_between_them() -> None:
    rows = sorted([20, *CHANCE_ROWS, 961])
    halves = [(find_chance_band(80, n, 1) or (0.0, 0.0))[1] - 0.8 for n in rows]
    assert halves == sorted(set(halves), reverse=True)
    assert find_chance_band(80, 100_000, 1) == find_chance_band(80, CHANCE_ROWS[-1], 1)
    for n_rows, half in zip(CHANCE_ROWS, HALF_BANDS[1][80], strict=True):
        assert find_chance_band(80, n_rows, 1) == pytest.approx((0.8 - half, 0.8 + half))


def test_a_band_ends_at_the_shares_that_there_are() -> None:
    assert (find_chance_band(95, 10, 1) or (0.0, 0.0))[1] == 1.0
    assert (find_chance_band(50, 1, 1) or (1.0, 1.0))[0] == 0.0


def test_every_level_and_horizon_of_an_evaluation_has_a_band() -> None:
    assert set(HALF_BANDS) == set(range(1, MAX_HORIZON_BARS + 1))
    for by_level in HALF_BANDS.values():
        assert set(by_level) == set(EVALUATED_LEVELS)
        assert {len(simulated) for simulated in by_level.values()} == {len(CHANCE_ROWS)}


def test_what_was_not_simulated_has_no_band() -> None:
    assert find_chance_band(80, 961, MAX_HORIZON_BARS + 1) is None
    assert find_chance_band(79, 961, 1) is None
