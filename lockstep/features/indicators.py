"""Technical indicators as pure functions of price series.

Each takes float64 series (n,), oldest first, all of one length, and returns (n - k + 1,) where k is
the number of bars its docstring names: the last value belongs to the last bar. Every value is a
function of those k bars alone. A flat window (no move, no range, no volume) has the stated value.
NaN in a window gives NaN. Names and formulas are those of TA-Lib where it has them.
"""

import numpy as np

from lockstep.features.formulas import (
    aroon_difference,
    band_place,
    channel_index,
    deviations,
    divide,
    money_flows,
    price_place,
    relative_strength,
    signed_volumes,
    true_ranges,
)
from lockstep.features.windows import (
    Array,
    exponential_means,
    exponential_weights,
    lag_windows,
    stack_rows,
    window_max,
    window_sums,
)

MACD_LINE_BARS = 128
MACD_SIGNAL_BARS = 64


def _decay(span: int) -> float:
    return 1.0 - 2.0 / (span + 1)


MACD_FAST = exponential_weights(_decay(12), MACD_LINE_BARS)
MACD_SLOW = exponential_weights(_decay(26), MACD_LINE_BARS)
MACD_SIGNAL = exponential_weights(_decay(9), MACD_SIGNAL_BARS)


def gross_returns(close: Array) -> Array:
    """Return close / previous close. Needs 2 bars."""
    return close[1:] / close[:-1]


def macd_difference(close: Array) -> Array:
    """Return the MACD line less its signal line, over the close.

    Exponential means of spans 12, 26 (128 bars each) and 9 (64 lines), weights (1 - 2 / (span + 1))^lag
    normalised to 1. Needs 191 bars. Flat: 0 within 1e-15, the rounding of the weights.
    """
    line = exponential_means(close, MACD_FAST) - exponential_means(close, MACD_SLOW)
    signal = exponential_means(line, MACD_SIGNAL)
    return (line[MACD_SIGNAL_BARS - 1 :] - signal) / close[-signal.size :]


def mean_spread(close: Array, fast: int, slow: int) -> Array:
    """Return (mean of `fast` closes - mean of `slow` closes) / close. Needs `slow` bars. Flat: 0.

    Exactly 0 in a flat window where `slow` / `fast` is a power of two, as 50 and 200; else within rounding.
    """
    fast_sums, slow_sums = window_sums(close, (fast, slow))
    scaled = fast_sums[slow - fast :] * np.array(float(slow // fast))
    return (scaled - slow_sums) / np.array(float(slow)) / close[slow - 1 :]


def aroon_oscillator(high: Array, low: Array, period: int) -> Array:
    """Return Aroon up less Aroon down, -100 … 100: how recent the highest high is against the lowest low.

    Needs `period` + 1 bars; of extremes equal within `TIE_TOLERANCE` the newest counts. Flat: 0.
    """
    return aroon_difference(lag_windows(stack_rows(high, -low), period + 1))


def stochastic_oscillator(high: Array, low: Array, close: Array, period: int) -> Array:
    """Return the fast %K, 0 … 100: where the close stands between the lowest low and the highest high.

    Needs `period` bars. Flat: 50.
    """
    return price_place(close[period - 1 :], *window_max(stack_rows(high, -low), period))


def commodity_channel_index(high: Array, low: Array, close: Array, period: int) -> Array:
    """Return (typical price - its mean) / (0.015 × its mean absolute deviation). Needs `period` bars. Flat: 0."""
    return channel_index(lag_windows((high + low + close) / 3.0, period))


def cutler_rsi(close: Array, period: int) -> Array:
    """Return 100 × gains / (gains + losses) over `period` moves, by simple sums (Cutler's RSI).

    Needs `period` + 1 bars. Flat: 50.
    """
    moves = close[1:] - close[:-1]
    gains, turnover = window_sums(stack_rows(np.maximum(moves, 0.0), np.abs(moves)), [period])[0]
    return relative_strength(gains, turnover)


def volatilities(close: Array, periods: tuple[int, ...]) -> list[Array]:
    """Return the sample standard deviation (n - 1) of the last `period` gross returns, for each period.

    Needs `period` + 1 bars. Flat: 0. Computed from sums of x and x², x = return - 1, which is centred
    near 0 already, so that the difference of the two loses nothing that matters.
    """
    net = gross_returns(close) - 1.0
    sums = window_sums(stack_rows(net, net * net), periods)
    return [deviations(pair[0], pair[1], period, period - 1) for period, pair in zip(periods, sums, strict=True)]


def bollinger_percent(close: Array, period: int, width: float) -> Array:
    """Return %b: 0 at the lower band, 1 at the upper; bands `width` population deviations off the mean.

    Needs `period` bars. Flat: 0.5.
    """
    return band_place(lag_windows(close, period), width)


def average_true_range(high: Array, low: Array, close: Array, period: int) -> Array:
    """Return the simple mean of the last `period` true ranges, over the close.

    Needs `period` + 1 bars. Flat: 0.
    """
    ranges = true_ranges(high[1:], low[1:], close[:-1])
    return window_sums(ranges, [period])[0] / period / close[period:]


def signed_volume_share(close: Array, volume: Array, period: int) -> Array:
    """Return the volume of rising less that of falling bars, over all volume: on-balance volume, windowed.

    Between -1 and 1. Needs `period` + 1 bars. Closes equal within `TIE_TOLERANCE` do not move; no volume: 0.
    """
    signed = signed_volumes(close[1:] - close[:-1], close[1:], volume[1:])
    net, total = window_sums(stack_rows(signed, volume[1:]), [period])[0]
    return divide(net, total, flat=0.0)


def chaikin_money_flow(high: Array, low: Array, close: Array, volume: Array, period: int) -> Array:
    """Return the volume-weighted mean of where the close stands in the bar's range, -1 … 1.

    Needs `period` bars. A bar without range counts 0; no volume: 0.
    """
    flows = money_flows(high, low, close, volume)
    flow, total = window_sums(stack_rows(flows, volume), [period])[0]
    return divide(flow, total, flat=0.0)
