"""The feature set of price files without a volume: that of `daily`, less the two indicators that read it."""

import numpy as np

from lockstep.data.bars import Array, Bars
from lockstep.features.feature_set import FeatureSet

from . import daily  # a module: a file that a set is found in by its name holds one set

READ_VOLUME = ("on_balance_volume", "chaikin_money_flow")
COLUMNS = tuple(name for name in daily.DAILY.columns if name not in READ_VOLUME)


def build_price_features(bars: Bars) -> Array:
    """Return the 15 features of `PRICES` for bars of consecutive sessions without a volume, oldest first.

    float64 (n_bars, 15), each column with the bits that it has in `daily`, whose NaN and errors are the same.
    """
    with_volume = np.concatenate([bars.values, np.ones((1, len(bars)))])
    features = daily.build_daily_features(Bars(bars.dates, with_volume))
    return features[:, [daily.DAILY.columns.index(name) for name in COLUMNS]]


PRICES = FeatureSet(COLUMNS, daily.DAILY.lookback_bars, build_price_features, reads_volume=False)
