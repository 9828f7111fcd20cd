"""The tutorial's feature set. It needs numpy only, so that the web process can build it."""

import numpy as np

from lockstep.data.bars import Array, Bars
from lockstep.features.feature_set import FeatureSet

from .indicators import (
    average_true_range,
    bollinger,
    chaikin_oscillator,
    commodity_channel_index,
    deviation,
    macd_difference,
    mean_spread,
    on_balance_volume,
    parabolic_sar,
    stochastic_oscillator,
    wilder_rsi,
)


def build_tutorial_features(bars: Bars) -> Array:
    """Return the 17 features of `TUTORIAL` for bars of consecutive sessions, oldest first.

    float64 (n_bars, 17); NaN in the first 200 rows. The first bar gives the second its return and is dropped;
    every other series starts with the second.
    """
    open_, high, low, close, volume = bars.values[:, 1:]
    returns = close / bars.close[:-1]
    columns = [
        returns,
        close / open_,
        close / high,
        close / low,
        macd_difference(close),
        mean_spread(close, 50, 200),
        parabolic_sar(high, low, close),
        stochastic_oscillator(close, 14),
        commodity_channel_index(high, low, close, 20),
        wilder_rsi(close, 14),
        *(deviation(returns, period) for period in (5, 21, 60)),
        bollinger(close, 21),
        average_true_range(high, low, close, 14),
        on_balance_volume(close, volume),
        chaikin_oscillator(high, low, close, volume),
    ]
    features = np.full((len(bars), len(columns)), np.nan)
    first_full = TUTORIAL.lookback_bars - 1
    features[first_full:] = np.stack(columns, axis=1)[first_full - 1 :]
    return features


TUTORIAL = FeatureSet(
    columns=(
        "return",
        "close_to_open",
        "close_to_high",
        "close_to_low",
        "macd_diff",
        "ma_50_200",
        "sar",
        "stochastic_oscillator",
        "cci",
        "rsi",
        "5d_volatility",
        "21d_volatility",
        "60d_volatility",
        "bollinger",
        "atr",
        "on_balance_volume",
        "chaikin_oscillator",
    ),
    lookback_bars=201,
    build=build_tutorial_features,
    whole_history=True,
    adjusts="close",
)
