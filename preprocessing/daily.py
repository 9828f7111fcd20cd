"""The feature set of the default model: 17 indicators of daily bars, all free of the price's scale."""

import numpy as np

from lockstep.data.bars import Array, Bars
from lockstep.features.feature_set import FeatureSet
from lockstep.features.indicators import (
    aroon_oscillator,
    average_true_range,
    bollinger_percent,
    chaikin_money_flow,
    commodity_channel_index,
    cutler_rsi,
    gross_returns,
    macd_difference,
    mean_spread,
    signed_volume_share,
    stochastic_oscillator,
    volatilities,
)


def build_daily_features(bars: Bars) -> Array:
    """Return the 17 features of `DAILY` for bars of consecutive sessions, oldest first.

    float64 (n_bars, 17); NaN in the first 199 rows. All are free of the price's scale. Raises ValueError for
    fewer than 200 bars.
    """
    open_, high, low, close, volume = bars.values
    columns = [
        gross_returns(close),
        close / open_,
        close / high,
        close / low,
        macd_difference(close),
        mean_spread(close, 50, 200),
        aroon_oscillator(high, low, 25),
        stochastic_oscillator(high, low, close, 14),
        commodity_channel_index(high, low, close, 20),
        cutler_rsi(close, 14),
        *volatilities(close, (5, 21, 60)),
        bollinger_percent(close, 21, 2.0),
        average_true_range(high, low, close, 14),
        signed_volume_share(close, volume, 21),
        chaikin_money_flow(high, low, close, volume, 21),
    ]
    first_full = DAILY.lookback_bars - 1
    features = np.full((len(columns), len(bars)), np.nan)
    for row, column in zip(features, columns, strict=True):
        row[first_full:] = column[column.size - len(bars) + first_full :]
    return features.T


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
