"""What indicators are made of: series of single bars, and formulas of what a window of bars holds.

Series are float64 (n,), oldest first, one value for each bar. Windows of values are (width, n_windows), oldest value
first, as `lag_windows` makes them; sums and extremes of windows are (n_windows,). NaN in a window gives NaN.
"""

import numpy as np

from lockstep.features.windows import Array, sum_rows

CCI_SCALE = np.array(0.015)
TIE_TOLERANCE = np.array(1e-9)
"""Relative: adjusting for a dividend rounds prices, and must not decide which of two equal ones is higher."""
ZERO, HALF, HUNDRED = np.array(0.0), np.array(0.5), np.array(100.0)
"""numpy calculates with an array without axes faster than with a number."""


def divide(numerator: Array, denominator: Array, flat: float) -> Array:
    """Return the quotient, `flat` where the denominator is 0."""
    if np.count_nonzero(denominator) == denominator.size:
        return numerator / denominator
    quotient = np.full_like(numerator, flat)
    return np.divide(numerator, denominator, out=quotient, where=denominator != 0.0)


def true_ranges(high: Array, low: Array, previous_close: Array) -> Array:
    """Return the range of each bar, widened to the close before it."""
    return np.maximum(high, previous_close) - np.minimum(low, previous_close)


def signed_volumes(moves: Array, close: Array, volume: Array) -> Array:
    """Return the volume of bars that rise, less that of bars that fall; 0 of those that move within `TIE_TOLERANCE`."""
    return np.where(np.abs(moves) > TIE_TOLERANCE * close, np.copysign(volume, moves), ZERO)


def money_flows(high: Array, low: Array, close: Array, volume: Array) -> Array:
    """Return the volume times where the close stands in the bar's range, -1 … 1; 0 of a bar without range."""
    return divide((close - low) - (high - close), high - low, flat=0.0) * volume


def relative_strength(gains: Array, turnover: Array) -> Array:
    """Return 100 × gains / turnover, sums of rises and of all moves. Flat: 50."""
    return HUNDRED * divide(gains, turnover, flat=0.5)


def deviations(total: Array, squares: Array, count: Array | float, degrees_of_freedom: Array | float) -> Array:
    """Return the standard deviation of `count` values, of which the sum and the sum of squares are given."""
    variance = (squares - total * total / count) / degrees_of_freedom
    return np.sqrt(np.maximum(variance, ZERO))


def price_place(close: Array, highest: Array, negated_lowest: Array) -> Array:
    """Return where the close stands between the lowest and the highest price, 0 … 100. Flat: 50."""
    return HUNDRED * divide(close + negated_lowest, highest + negated_lowest, flat=0.5)


def aroon_difference(extremes: Array) -> Array:
    """Return how much more recent the highest high is than the lowest low, -100 … 100. Flat: 0.

    `extremes` (width, 2, n_windows) are windows of the highs and of the negated lows.
    """
    highest, newest = extremes.max(axis=0), len(extremes) - 1
    is_highest = extremes >= highest - TIE_TOLERANCE * np.abs(highest)
    places = np.arange(newest + 1, dtype=np.uint8 if newest < 256 else np.int64)[:, None, None]
    newest_high, newest_low = (is_highest.view(np.uint8) * places).max(axis=0) + ZERO * highest  # NaN stays NaN
    return (newest_high - newest_low) * (100.0 / newest)


def channel_index(typical: Array) -> Array:
    """Return (newest - mean) / (0.015 × mean absolute deviation) of windows of typical prices. Flat: 0.

    Works on differences from the newest price, which are exactly 0 in a flat window.
    """
    n_bars, from_newest = np.array(float(len(typical))), typical - typical[-1]
    mean = sum_rows(from_newest) / n_bars
    from_newest -= mean
    deviation = sum_rows(np.abs(from_newest, out=from_newest)) / n_bars
    return divide(-mean, CCI_SCALE * deviation, flat=0.0)


def band_place(close: Array, width: float) -> Array:
    """Return %b of windows of closes: 0 at the lower band, 1 at the upper; bands `width` deviations off the mean.

    Flat: 0.5. Works on differences from the newest close, as `channel_index`.
    """
    n_bars, from_newest = np.array(float(len(close))), close - close[-1]
    total = sum_rows(from_newest)
    from_newest *= from_newest
    deviation = deviations(total, sum_rows(from_newest), n_bars, n_bars)
    return HALF - divide(total, 2.0 * width * n_bars * deviation, flat=0.0)
