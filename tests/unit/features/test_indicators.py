"""Each feature against an outside oracle: TA-Lib, or a plain-Python loop over the definition."""

import functools
import math
import statistics
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import talib

from lockstep.data.bars import Array, Bars
from lockstep.data.bits import same_bits
from lockstep.features import indicators
from lockstep.features.indicators import aroon_oscillator, mean_spread
from preprocessing.daily import DAILY

FIRST = DAILY.lookback_bars - 1
LOOP_TOLERANCE = 1e-12
"""Of the column's largest value: the ULP of a price, over a spread of prices some hundred times smaller."""
RUNNING_SUM_TOLERANCE = 1e-9
"""Of the column's largest value: TA-Lib's running sums keep the rounding of every bar since 2000."""
MACD_TOLERANCE, MACD_SETTLED = (25 / 27) ** 128, 800
"""Of the close: what TA-Lib's endless mean of span 26 gives to bars beyond our 128, once its start is forgotten."""


def assert_column(actual: Array, expected: Array, tolerance: float) -> None:
    np.testing.assert_allclose(actual, expected, rtol=0.0, atol=tolerance * np.abs(expected).max())


def percent_b(close: Array) -> Array:
    upper, _, lower = talib.BBANDS(close, 21, 2.0, 2.0)
    return (close - lower) / (upper - lower)


TALIB: dict[str, tuple[float, Callable[[Array, Array, Array], Array]]] = {
    "ma_50_200": (RUNNING_SUM_TOLERANCE, lambda _, __, close: (talib.SMA(close, 50) - talib.SMA(close, 200)) / close),
    "stochastic_oscillator": (LOOP_TOLERANCE, lambda high, low, close: talib.STOCHF(high, low, close, 14, 1)[0]),
    "cci": (RUNNING_SUM_TOLERANCE, lambda high, low, close: talib.CCI(high, low, close, 20)),
    "bollinger": (RUNNING_SUM_TOLERANCE, lambda _, __, close: percent_b(close)),
    "atr": (RUNNING_SUM_TOLERANCE, lambda high, low, close: talib.SMA(talib.TRANGE(high, low, close), 14) / close),
}


@pytest.mark.parametrize("name", TALIB)
def test_feature_is_that_of_talib(msft: Bars, features: Array, name: str) -> None:
    tolerance, oracle = TALIB[name]
    expected = oracle(msft.high, msft.low, msft.close)
    assert_column(features[FIRST:, DAILY.columns.index(name)], expected[FIRST:], tolerance)


def test_aroon_is_that_of_talib_where_equal_prices_are_equal_to_the_bit(msft_csv: Path) -> None:
    """On prices in whole cents: adjusted ones break ties by rounding, which TA-Lib takes for a higher high."""
    raw = np.loadtxt(msft_csv, delimiter=",", skiprows=1, usecols=(2, 3))
    high, low = np.ascontiguousarray(np.round(raw.T * 100.0))
    assert (aroon_oscillator(high, low, 25) == talib.AROONOSC(high, low, 25)[25:]).all()


def test_macd_is_that_of_talib_but_for_its_endless_memory(msft: Bars, features: Array) -> None:
    error = features[:, DAILY.columns.index("macd_diff")] - talib.MACD(msft.close, 12, 26, 9)[2] / msft.close
    assert np.abs(error[MACD_SETTLED:]).max() <= MACD_TOLERANCE


class Loops:
    """The definitions once more, bar by bar: `t` is the bar that the value belongs to."""

    def __init__(self, bars: Bars) -> None:
        self.open, self.high, self.low, self.close, self.volume = bars.values.tolist()
        self.macd_line = functools.cache(self._macd_line)

    def _macd_line(self, t: int) -> float:
        closes = self.close[t : t - 128 : -1]
        return exponential_mean(closes, 12) - exponential_mean(closes, 26)

    def macd_difference(self, t: int) -> float:
        signal = exponential_mean([self.macd_line(i) for i in range(t, t - 64, -1)], 9)
        return (self.macd_line(t) - signal) / self.close[t]

    def cutler_rsi(self, t: int) -> float:
        moves = [self.close[i] - self.close[i - 1] for i in range(t - 13, t + 1)]
        return 100 * sum(move for move in moves if move > 0) / sum(abs(move) for move in moves)

    def volatility(self, t: int, period: int) -> float:
        return statistics.stdev(self.close[i] / self.close[i - 1] for i in range(t - period + 1, t + 1))

    def signed_volume_share(self, t: int) -> float:
        rising = sum(self.volume[i] for i in range(t - 20, t + 1) if self.close[i] > self.close[i - 1])
        falling = sum(self.volume[i] for i in range(t - 20, t + 1) if self.close[i] < self.close[i - 1])
        return (rising - falling) / sum(self.volume[t - 20 : t + 1])

    def chaikin_money_flow(self, t: int) -> float:
        flow = 0.0
        for i in range(t - 20, t + 1):
            position = (2 * self.close[i] - self.low[i] - self.high[i]) / (self.high[i] - self.low[i])
            flow += position * self.volume[i]
        return flow / sum(self.volume[t - 20 : t + 1])


def exponential_mean(newest_first: list[float], span: int) -> float:
    weights = [(1 - 2 / (span + 1)) ** lag for lag in range(len(newest_first))]
    return math.fsum(map(math.prod, zip(weights, newest_first, strict=True))) / math.fsum(weights)


LOOPS: dict[str, Callable[[Loops, int], float]] = {
    "return": lambda loops, t: loops.close[t] / loops.close[t - 1],
    "close_to_open": lambda loops, t: loops.close[t] / loops.open[t],
    "close_to_high": lambda loops, t: loops.close[t] / loops.high[t],
    "close_to_low": lambda loops, t: loops.close[t] / loops.low[t],
    "macd_diff": Loops.macd_difference,
    "rsi": Loops.cutler_rsi,
    "5d_volatility": lambda loops, t: loops.volatility(t, 5),
    "21d_volatility": lambda loops, t: loops.volatility(t, 21),
    "60d_volatility": lambda loops, t: loops.volatility(t, 60),
    "on_balance_volume": Loops.signed_volume_share,
    "chaikin_money_flow": Loops.chaikin_money_flow,
}


@pytest.mark.parametrize("name", LOOPS)
def test_feature_is_that_of_a_plain_loop(msft: Bars, features: Array, name: str) -> None:
    loops, rows = Loops(msft), range(FIRST, len(msft))
    expected = np.array([LOOPS[name](loops, t) for t in rows])
    assert_column(features[rows, DAILY.columns.index(name)], expected, LOOP_TOLERANCE)


def test_every_feature_has_an_oracle() -> None:
    assert {*TALIB, *LOOPS, "aroon"} == set(DAILY.columns)


@pytest.mark.parametrize("slow", [50, 100, 200, 400])
@pytest.mark.parametrize("price", [0.1, 1.37, 89.62])
def test_mean_spread_of_a_flat_window_is_zero(price: float, slow: int) -> None:
    assert mean_spread(np.full(slow, price), 50, slow).tolist() == [0.0]


ALONE: dict[str, Callable[[Bars], Array]] = {
    "return": lambda bars: indicators.gross_returns(bars.close),
    "macd_diff": lambda bars: indicators.macd_difference(bars.close),
    "ma_50_200": lambda bars: mean_spread(bars.close, 50, 200),
    "aroon": lambda bars: aroon_oscillator(bars.high, bars.low, 25),
    "stochastic_oscillator": lambda bars: indicators.stochastic_oscillator(bars.high, bars.low, bars.close, 14),
    "cci": lambda bars: indicators.commodity_channel_index(bars.high, bars.low, bars.close, 20),
    "rsi": lambda bars: indicators.cutler_rsi(bars.close, 14),
    "5d_volatility": lambda bars: indicators.volatilities(bars.close, (5, 21, 60))[0],
    "21d_volatility": lambda bars: indicators.volatilities(bars.close, (5, 21, 60))[1],
    "60d_volatility": lambda bars: indicators.volatilities(bars.close, (5, 21, 60))[2],
    "bollinger": lambda bars: indicators.bollinger_percent(bars.close, 21, 2.0),
    "atr": lambda bars: indicators.average_true_range(bars.high, bars.low, bars.close, 14),
    "on_balance_volume": lambda bars: indicators.signed_volume_share(bars.close, bars.volume, 21),
    "chaikin_money_flow": lambda bars: indicators.chaikin_money_flow(bars.high, bars.low, bars.close, bars.volume, 21),
}
"""The indicators that a feature set may call one by one; `daily` shares sums and extremes between them."""


@pytest.mark.parametrize("name", ALONE)
def test_an_indicator_alone_has_the_bits_of_the_feature(msft: Bars, features: Array, name: str) -> None:
    alone = ALONE[name](msft)
    assert same_bits(alone[-(len(msft) - FIRST) :], features[FIRST:, DAILY.columns.index(name)]).all()


def test_aroon_of_more_bars_than_a_byte_counts_finds_the_newest_extreme() -> None:
    prices = np.full(300, 10.0)
    high, low = prices.copy(), prices.copy()
    high[-1], low[0] = 11.0, 9.0
    assert aroon_oscillator(high, low, 299).tolist() == [100.0]
