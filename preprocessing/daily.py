"""The feature set of the default model: 17 indicators of daily bars, all free of the price's scale."""

import numpy as np

from lockstep.data.bars import Array, Bars
from lockstep.features.feature_set import FeatureSet
from lockstep.features.formulas import (
    ZERO,
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
from lockstep.features.indicators import gross_returns, macd_difference, mean_spread
from lockstep.features.windows import lag_windows, stack_rows, sum_newest

LOOKBACK_BARS = 200
SHORT = 26
"""The bars of Aroon, the widest of the short windows."""
SUMS = {5: slice(0, 2), 60: slice(0, 2), 21: slice(0, 5), 14: slice(5, 8)}
"""What is summed over which window: its width, and rows of what `stack_series` returns."""
PERIODS = np.array([[5.0], [21.0], [60.0]])
"""The windows of the volatilities."""


def build_daily_features(bars: Bars) -> Array:
    """Return the 17 features of `DAILY` for bars of consecutive sessions, oldest first.

    float64 (n_bars, 17); NaN in the first 199 rows. All are free of the price's scale. Raises ValueError for
    fewer than 200 bars.
    """
    features = np.empty((len(DAILY.columns), len(bars)))
    features[:, : LOOKBACK_BARS - 1] = np.nan
    features[:, LOOKBACK_BARS - 1 :] = np.concatenate(compute_columns(bars.values)).reshape(len(features), -1)
    return features.T


def compute_columns(values: Array) -> list[Array]:
    """Return the columns of the bars from the 200th on, of `values` (5, n_bars)."""
    open_, high, low, close, _ = pick_bars(values, 1)
    _, highs, lows, closes, _ = pick_bars(values, SHORT)
    extremes = lag_windows(stack_rows(highs, -lows), SHORT)
    typical = (highs + lows + closes)[SHORT - 20 :] / 3.0
    of_5, of_60, of_21, (gains, turnover, ranges) = sum_newest(stack_series(pick_bars(values, 61)), SUMS)
    signed, flow, volume = of_21[2:]
    net, squares = stack_rows(of_5[0], of_21[0], of_60[0]), stack_rows(of_5[1], of_21[1], of_60[1])
    return [
        gross_returns(closes[SHORT - 2 :]),
        close / open_,
        close / high,
        close / low,
        macd_difference(pick_bars(values, 191)[3]),
        mean_spread(values[3], 50, 200),
        aroon_difference(extremes),
        price_place(close, *extremes[-14:].max(axis=0)),
        channel_index(lag_windows(typical, 20)),
        relative_strength(gains, turnover),
        *deviations(net, squares, PERIODS, PERIODS - 1.0),
        band_place(lag_windows(closes[SHORT - 21 :], 21), 2.0),
        ranges / 14.0 / close,
        divide(signed, volume, flat=0.0),
        divide(flow, volume, flat=0.0),
    ]


def pick_bars(values: Array, n_bars: int) -> Array:
    """Return the values that the rows from the 200th bar on read, if each reads the `n_bars` that end in it."""
    return values[:, LOOKBACK_BARS - n_bars :]


def stack_series(values: Array) -> Array:
    """Return the series that are summed, one value for each bar but the first.

    Rows 0 and 1 are net returns and their squares, 2 to 4 signed volumes, money flows and volumes, 5 to 7 rises, moves
    without sign and true ranges.
    """
    _, high, low, close, volume = values[:, 1:]
    previous = values[3, :-1]
    net, moves = close / previous - 1.0, close - previous
    return stack_rows(
        net,
        net * net,
        signed_volumes(moves, close, volume),
        money_flows(high, low, close, volume),
        volume,
        np.maximum(moves, ZERO),
        np.abs(moves),
        true_ranges(high, low, previous),
    )


DAILY = FeatureSet(
    columns=(
        "return",
        "close_to_open",
        "close_to_high",
        "close_to_low",
        "macd_diff",
        "ma_50_200",
        "aroon",
        "stochastic_oscillator",
        "cci",
        "rsi",
        "5d_volatility",
        "21d_volatility",
        "60d_volatility",
        "bollinger",
        "atr",
        "on_balance_volume",
        "chaikin_money_flow",
    ),
    lookback_bars=200,
    build=build_daily_features,
)
