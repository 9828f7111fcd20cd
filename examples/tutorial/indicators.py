"""The tutorial's indicators as it defines them, running sums and look-ahead included.

Each takes float64 series (n,), oldest first, all of one length, and returns (n,): NaN until its window is full.
Nine are functions of a window. `macd_difference`, `parabolic_sar`, `wilder_rsi`, `on_balance_volume` and
`chaikin_oscillator` depend on every bar since the first; `average_true_range` reads one bar ahead. Where the
tutorial divides by nothing, the stated value stands.
"""

from itertools import accumulate, pairwise

import numpy as np

from lockstep.features.windows import Array, lag_windows, sum_rows, window_max, window_sums

CCI_SCALE = 0.15
RS_WITHOUT_LOSS = 100.0
SAR_STEP, SAR_LIMIT, SAR_BARS = 0.02, 0.2, 5


def macd_difference(close: Array) -> Array:
    """Return the MACD line less its signal line: exponential means of spans 12, 26 and 9 since the first bar."""
    line = _exponential_mean(close, _centre(12)) - _exponential_mean(close, _centre(26))
    return line - _exponential_mean(line, _centre(9))


def _centre(span: int) -> float:
    return (span - 1) / 2


def _exponential_mean(values: Array, centre: float) -> Array:
    """Return the mean of all values so far, weights 1, d, d², … from the newest back, d = centre / (1 + centre)."""
    decay = centre / (1.0 + centre)
    totals = accumulate(values.tolist(), lambda total, value: value + decay * total)
    weights = accumulate([1.0] * values.size, lambda weight, one: one + decay * weight)
    return np.array(list(totals)) / np.array(list(weights))


def mean_spread(close: Array, fast: int, slow: int) -> Array:
    """Return the mean of `fast` closes less that of `slow` closes."""
    return _mean(close, fast) - _mean(close, slow)


def parabolic_sar(high: Array, low: Array, close: Array) -> Array:
    """Return the stop of the trend; NaN in the first 5 rows, out of whose closes it starts.

    The acceleration grows by 0.02 with each new extreme close, to 0.2, and is never set back.
    """
    stops = [np.nan] * SAR_BARS
    highs, lows, closes = high.tolist(), low.tolist(), close.tolist()
    stop, extreme = max(closes[:SAR_BARS]), min(closes[:SAR_BARS])
    rising, acceleration = False, SAR_STEP
    for row in range(SAR_BARS, len(closes)):
        recent = closes[row - SAR_BARS : row + 1]
        stop = stop + acceleration * (extreme - stop) if rising else stop - acceleration * (stop - extreme)
        if (lows[row] < stop) if rising else (highs[row] > stop):
            rising = not rising
            extreme = max(recent) if rising else min(recent)
        elif (closes[row] > extreme) if rising else (closes[row] < extreme):
            extreme, acceleration = closes[row], min(SAR_LIMIT, acceleration + SAR_STEP)
        stops.append(stop)
    return np.array(stops)


def stochastic_oscillator(close: Array, period: int) -> Array:
    """Return where the close stands between the lowest and the highest close, 0 … 100. Flat: 50."""
    lowest, highest = -window_max(-close, period), window_max(close, period)
    return 100.0 * _divide(_pad(lowest, close.size), close, _pad(highest, close.size), flat=0.5)


def _divide(low: Array, value: Array, high: Array, flat: float) -> Array:
    span = high - low
    return np.divide(value - low, span, out=np.full_like(value, flat), where=span != 0.0)


def commodity_channel_index(high: Array, low: Array, close: Array, period: int) -> Array:
    """Return (typical price - its mean) / (0.15 × the mean of that distance, each from its own mean). Flat: 0."""
    typical = (high + low + close) / 3.0
    distance = typical - _mean(typical, period)
    scale = CCI_SCALE * _pad(_mean(np.abs(distance[period - 1 :]), period), close.size)
    return np.divide(distance, scale, out=np.zeros_like(close), where=scale != 0.0)


def wilder_rsi(close: Array, period: int) -> Array:
    """Return the RSI whose mean gain moves with gains alone and whose mean loss with losses alone; NaN first `period`.

    As in the tutorial a fall counts as the gain: it takes the previous close less the close.
    """
    falls = [earlier - later for earlier, later in pairwise(close.tolist())]
    seed, rest = falls[: period - 1], falls[period - 1 :]
    gain = sum(fall for fall in seed if fall > 0.0) / period
    loss = sum(-fall for fall in seed if fall < 0.0) / period
    keep = period - 1
    gains = accumulate(rest, lambda mean, fall: (keep * mean + fall) / period if fall > 0.0 else mean, initial=gain)
    losses = accumulate(rest, lambda mean, fall: mean if fall > 0.0 else (keep * mean - fall) / period, initial=loss)
    gained, lost = np.array(list(gains)), np.array(list(losses))
    strength = np.divide(gained, lost, out=np.full_like(lost, RS_WITHOUT_LOSS), where=lost != 0.0)
    return _pad(100.0 - 100.0 / (1.0 + strength), close.size)


def deviation(values: Array, period: int) -> Array:
    """Return the sample standard deviation (n - 1) of the last `period` values."""
    windows = lag_windows(np.ascontiguousarray(values), period)
    centred = windows - sum_rows(windows) / period
    return _pad(np.sqrt(sum_rows(centred * centred) / (period - 1)), values.size)


def bollinger(close: Array, period: int) -> Array:
    """Return (close - mean) / 2 × deviation, as the tutorial brackets it."""
    return (close - _mean(close, period)) / 2.0 * deviation(close, period)


def average_true_range(high: Array, low: Array, close: Array, period: int) -> Array:
    """Return the mean of the largest of high - low, high - next close and low - next close.

    The next close is one that nobody has on the day; for the newest bar high - low stands alone.
    """
    ranges = high - low
    ranges[:-1] = np.maximum(ranges[:-1], high[:-1] - close[1:])  # high - next close is never below low - next close
    return _mean(ranges, period)


def on_balance_volume(close: Array, volume: Array) -> Array:
    """Return the volume of all bars since the first, that of rising bars taken off."""
    rises = np.append(False, close[1:] > close[:-1])
    return np.cumsum(np.where(rises, -volume, volume))


def chaikin_oscillator(high: Array, low: Array, close: Array, volume: Array) -> Array:
    """Return two exponential means, centres 1 and 4.5, of all flow since the first bar, the one less the other.

    The flow of a bar is volume × (close - low) / range / range; a bar without range counts 0.
    """
    span = high - low
    position = np.divide(close - low, span, out=np.zeros_like(close), where=span != 0.0)
    flow = np.divide(volume * position, span, out=np.zeros_like(close), where=span != 0.0)
    total = np.cumsum(flow)
    return _exponential_mean(total, 1.0) - _exponential_mean(total, 4.5)


def _mean(values: Array, period: int) -> Array:
    return _pad(window_sums(values, [period])[0] / period, values.size)


def _pad(values: Array, n_rows: int) -> Array:
    """Return (n_rows,) that ends in `values`, NaN before."""
    return np.append(np.full(n_rows - values.size, np.nan), values)
