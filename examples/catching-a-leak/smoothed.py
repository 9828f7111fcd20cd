"""Feature sets of which two look one bar ahead: the mean of three closes, around a day instead of before it."""

from dataclasses import replace

import numpy as np

from lockstep.data.bars import Array, Bars
from lockstep.features.feature_set import FeatureSet
from lockstep.features.indicators import gross_returns, mean_spread

LOOKBACK_BARS = 50
COLUMNS = ("return", "trend", "smoothed")


def mean_around(close: Array) -> Array:
    """Return the mean of each close and its two neighbors, as `rolling(3, center=True)` has it; (n_bars,)."""
    mean = (np.roll(close, 1) + close + np.roll(close, -1)) / 3.0
    mean[-1] = (close[-2] + close[-1]) / 2.0  # the newest bar has no neighbor yet
    return mean


def mean_before(close: Array) -> Array:
    """Return the mean of each close and the two before it; (n_bars,)."""
    return (np.roll(close, 2) + np.roll(close, 1) + close) / 3.0


def build_features(close: Array, mean: Array) -> Array:
    """Return the day's return, the trend, and the close beside a mean: (n_bars, 3), NaN in the first 49 rows."""
    features = np.full((close.size, len(COLUMNS)), np.nan)
    features[1:, 0] = gross_returns(close)
    features[LOOKBACK_BARS - 1 :, 1] = mean_spread(close, 10, LOOKBACK_BARS)
    features[:, 2] = close / mean
    features[: LOOKBACK_BARS - 1] = np.nan
    return features


def build_leaking(bars: Bars) -> Array:
    """Return the features with the mean around each day."""
    return build_features(bars.close, mean_around(bars.close))


def build_causal(bars: Bars) -> Array:
    """Return the features with the mean before each day."""
    return build_features(bars.close, mean_before(bars.close))


LEAKING = FeatureSet(COLUMNS, LOOKBACK_BARS, build_leaking)
UNCHECKED = replace(LEAKING, whole_history=True)
CAUSAL = FeatureSet(COLUMNS, LOOKBACK_BARS, build_causal)
