"""Feature sets: what a model is fed, as a named function of bars.

`FeatureSet` is the extension point. A bundle names its feature set by a dotted path such as
`preprocessing.features:DAILY`; a path to a module of your own works as well, as long as it can be
imported where the bundle is trained and served.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from preprocessing.bars import Adjusts, Array, Bars
from preprocessing.errors import LockstepError
from preprocessing.indicators import (
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


class UnknownFeatureSet(LockstepError):
    """Refuse a dotted path that leads to no feature set."""


@dataclass(frozen=True)
class FeatureSet:
    """Name the features of a model, the bars that one row of them reads, and the function that builds them.

    `build` takes bars of consecutive sessions, oldest first, and returns float64 (n_bars, n_columns),
    NaN in the first `lookback_bars - 1` rows and nowhere else. Row t may depend on the `lookback_bars`
    bars that end in t and on no others: that is what makes served and evaluated features equal.

    A set that cannot be had so declares `whole_history`: its bars always start with the first stored one, and
    `lookback_bars` only tells the first row that can be answered. Nothing then makes an answer independent of
    where the history starts and of what is posted beside a row.

    `adjusts` says what an adjusted close beside raw prices adjusts: all `prices`, by its ratio to the raw close, or the
    `close` alone, which may then lie outside low … high.
    """

    name: str
    columns: tuple[str, ...]
    lookback_bars: int
    build: Callable[[Bars], Array]
    whole_history: bool = False
    adjusts: Adjusts = "prices"


def load_feature_set(path: str) -> FeatureSet:
    """Return the feature set at `package.module:NAME`."""
    module, _, name = path.partition(":")
    try:
        feature_set = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UnknownFeatureSet(f"no feature set at {path!r} (expected package.module:NAME): {error}") from error
    if not isinstance(feature_set, FeatureSet):
        raise UnknownFeatureSet(f"{path!r} is a {type(feature_set).__name__}, not a FeatureSet")
    return feature_set


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
    name="daily",
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
