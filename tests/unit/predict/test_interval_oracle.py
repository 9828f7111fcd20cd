"""The library's intervals against the definition in plain Python, bit for bit."""

import numpy as np
import pytest

from lockstep.data.bars import Bars
from lockstep.predict.intervals import find_bounds, interval_at
from lockstep.predict.stages import HALF_WIDTH, SCALE
from tests import interval_oracle

LEVELS = (80, 1, 50, 95, 99)


def walk_bars(n_bars: int, seed: int) -> Bars:
    """Return a random walk with opening gaps, days of one price, and some days on which nothing moves at all."""
    rng = np.random.default_rng(seed)
    close = 40.0 * np.cumprod(1.0 + 0.02 * rng.standard_t(4, n_bars))
    still = slice(n_bars // 2, n_bars // 2 + 80)
    close[still] = close[n_bars // 2]
    open_ = close * (1.0 + 0.01 * rng.standard_normal(n_bars))
    high = np.maximum(open_, close) * (1.0 + 0.01 * rng.exponential(size=n_bars))
    low = np.minimum(open_, close) / (1.0 + 0.01 * rng.exponential(size=n_bars))
    prices = np.stack([open_, high, low, close])
    prices[:, still] = close[still]
    return Bars(np.datetime64("2001-01-01") + np.arange(n_bars), prices)


@pytest.mark.parametrize("horizon_bars", [1, 2, 5, 21])
def test_intervals_of_a_walk_have_the_bits_of_the_definition(horizon_bars: int) -> None:
    bars = walk_bars(interval_at(horizon_bars).lookback_bars + 90, horizon_bars)
    newest = len(bars) - 1
    compare(bars, horizon_bars, [newest - 90, newest - 70, newest])


@pytest.mark.parametrize("horizon_bars", [1, 2, 5])
def test_intervals_of_a_stock_have_the_bits_of_the_definition(msft: Bars, horizon_bars: int) -> None:
    compare(msft, horizon_bars, [700, 383, 1500])


def compare(bars: Bars, horizon_bars: int, places: list[int]) -> None:
    interval = interval_at(horizon_bars)
    stages = interval.measure(bars, np.array(places), LEVELS).stages
    lower, upper = find_bounds(stages[HALF_WIDTH])
    for row, place in enumerate(places):
        widths = interval_oracle.half_widths_of(bars, place, horizon_bars, LEVELS)
        assert stages[SCALE][row] == interval_oracle.scale_of(bars, place, interval.scale_values)
        assert stages[HALF_WIDTH][row].tolist() == widths
        bounds = zip(lower[row].tolist(), upper[row].tolist(), strict=True)
        assert list(bounds) == [interval_oracle.bounds_of(width) for width in widths]
