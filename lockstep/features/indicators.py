"""Technical indicators as pure functions of price series.

Each takes float64 series (n,), oldest first, all of one length, and returns (n - k + 1,) where k is
the number of bars its docstring names: the last value belongs to the last bar. Every value is a
function of those k bars alone. A flat window (no move, no range, no volume) has the stated value.
NaN in a window gives NaN. Names and formulas are those of TA-Lib where it has them.
"""

import numpy as np

from lockstep.features.windows import (
    Array,
    exponential_means,
    lag_windows,
    sum_rows,
    window_max,
    window_sums,
)

CCI_SCALE = 0.015
MACD_SPANS = (12, 26)
MACD_SIGNAL_SPAN = 9
MACD_LINE_BARS = 128
MACD_SIGNAL_BARS = 64
TIE_TOLERANCE = 1e-9
"""Relative: adjusting for a dividend rounds prices, and must not decide which of two equal ones is higher."""


def gross_returns(close: Array) -> Array:
    """Return close / previous close. Needs 2 bars."""
    return close[1:] / close[:-1]


def macd_difference(close: Array) -> Array:
    """Return the MACD line less its signal line, over the close.

    Exponential means of spans 12, 26 (128 bars each) and 9 (64 lines), weights (1 - 2 / (span + 1))^lag
    normalised to 1. Needs 191 bars. Flat: 0 within 1e-15, the rounding of the weights.
    """
    fast, slow = exponential_means(close[None], [_decay(span) for span in MACD_SPANS], MACD_LINE_BARS)
    line = fast - slow
    signal = exponential_means(line[None], [_decay(MACD_SIGNAL_SPAN)], MACD_SIGNAL_BARS)[0]
    return (line[MACD_SIGNAL_BARS - 1 :] - signal) / close[-signal.size :]


def _decay(span: int) -> float:
    return 1.0 - 2.0 / (span + 1)


def mean_spread(close: Array, fast: int, slow: int) -> Array:
    """Return (mean of `fast` closes - mean of `slow` closes) / close. Needs `slow` bars. Flat: 0.

    Exactly 0 in a flat window where `slow` / `fast` is a power of two, as 50 and 200; else within rounding.
    """
    fast_sums, slow_sums = window_sums(close, (fast, slow))
    scaled = fast_sums[slow - fast :] * (slow // fast)
    return (scaled - slow_sums) / slow / close[slow - 1 :]


def aroon_oscillator(high: Array, low: Array, period: int) -> Array:
    """Return Aroon up less Aroon down, -100 … 100: how recent the highest high is against the lowest low.

    Needs `period` + 1 bars; of extremes equal within `TIE_TOLERANCE` the newest counts. Flat: 0.
    """
    extremes = _pair(high, -low)
    highest = window_max(extremes, period + 1)
    is_highest = lag_windows(extremes, period + 1)[::-1] >= highest - TIE_TOLERANCE * np.abs(highest)
    since_high, since_low = is_highest.argmax(axis=0) + 0.0 * highest  # plus 0, or plus NaN where a bar is missing
    return (since_low - since_high) * (100.0 / period)


def stochastic_oscillator(high: Array, low: Array, close: Array, period: int) -> Array:
    """Return the fast %K, 0 … 100: where the close stands between the lowest low and the highest high.

    Needs `period` bars. Flat: 50.
    """
    highest, negated_lowest = window_max(_pair(high, -low), period)
    return 100.0 * _divide(close[period - 1 :] + negated_lowest, highest + negated_lowest, flat=0.5)


def commodity_channel_index(high: Array, low: Array, close: Array, period: int) -> Array:
    """Return (typical price - its mean) / (0.015 × its mean absolute deviation).

    Needs `period` bars. Flat: 0. Works on differences from the newest typical price, which are
    exactly 0 in a flat window.
    """
    typical = (high + low + close) / 3.0
    from_newest = lag_windows(typical, period) - typical[period - 1 :]
    mean = sum_rows(from_newest) / period
    from_newest -= mean
    deviation = sum_rows(np.abs(from_newest, out=from_newest)) / period
    return _divide(-mean, CCI_SCALE * deviation, flat=0.0)


def cutler_rsi(close: Array, period: int) -> Array:
    """Return 100 × gains / (gains + losses) over `period` moves, by simple sums (Cutler's RSI).

    Needs `period` + 1 bars. Flat: 50.
    """
    moves = close[1:] - close[:-1]
    gains, turnover = window_sums(_pair(np.maximum(moves, 0.0), np.abs(moves)), [period])[0]
    return 100.0 * _divide(gains, turnover, flat=0.5)


def volatilities(close: Array, periods: tuple[int, ...]) -> list[Array]:
    """Return the sample standard deviation (n - 1) of the last `period` gross returns, for each period.

    Needs `period` + 1 bars. Flat: 0. Computed from sums of x and x², x = return - 1, which is centred
    near 0 already, so that the difference of the two loses nothing that matters.
    """
    net = gross_returns(close) - 1.0
    sums = window_sums(_pair(net, net * net), periods)
    return [_deviation(pair[0], pair[1], period, period - 1) for period, pair in zip(periods, sums, strict=True)]


def bollinger_percent(close: Array, period: int, width: float) -> Array:
    """Return %b: 0 at the lower band, 1 at the upper; bands `width` population deviations off the mean.

    Needs `period` bars. Flat: 0.5. Works on differences from the newest close, as `commodity_channel_index`.
    """
    from_newest = lag_windows(close, period) - close[period - 1 :]
    total = sum_rows(from_newest)
    from_newest *= from_newest
    deviation = _deviation(total, sum_rows(from_newest), period, period)
    return 0.5 - _divide(total, (2.0 * width * period) * deviation, flat=0.0)


def _deviation(total: Array, squares: Array, count: int, degrees_of_freedom: int) -> Array:
    variance = (squares - total * total / count) / degrees_of_freedom
    return np.sqrt(np.maximum(variance, 0.0))


def average_true_range(high: Array, low: Array, close: Array, period: int) -> Array:
    """Return the simple mean of the last `period` true ranges, over the close.

    Needs `period` + 1 bars. Flat: 0.
    """
    true_range = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    return window_sums(true_range, [period])[0] / period / close[period:]


def signed_volume_share(close: Array, volume: Array, period: int) -> Array:
    """Return the volume of rising less that of falling bars, over all volume: on-balance volume, windowed.

    Between -1 and 1. Needs `period` + 1 bars. Closes equal within `TIE_TOLERANCE` do not move; no volume: 0.
    """
    moves = close[1:] - close[:-1]
    margin = TIE_TOLERANCE * close[1:]
    signed = volume[1:] * (moves > margin) - volume[1:] * (moves < -margin)
    net, total = window_sums(_pair(signed, volume[1:]), [period])[0]
    return _divide(net, total, flat=0.0)


def chaikin_money_flow(high: Array, low: Array, close: Array, volume: Array, period: int) -> Array:
    """Return the volume-weighted mean of where the close stands in the bar's range, -1 … 1.

    Needs `period` bars. A bar without range counts 0; no volume: 0.
    """
    position = _divide((close - low) - (high - close), high - low, flat=0.0)
    flow, total = window_sums(_pair(position * volume, volume), [period])[0]
    return _divide(flow, total, flat=0.0)


def _pair(first: Array, second: Array) -> Array:
    """Return the two series as rows; `np.stack` takes longer to think than to copy."""
    pair = np.empty((2, first.size))
    pair[0], pair[1] = first, second
    return pair


def _divide(numerator: Array, denominator: Array, flat: float) -> Array:
    if np.count_nonzero(denominator) == denominator.size:
        return numerator / denominator
    quotient = np.full_like(numerator, flat)
    return np.divide(numerator, denominator, out=quotient, where=denominator != 0.0)
