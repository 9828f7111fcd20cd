"""Run a feature set, whose code is the user's, and refuse what is not the array that it promises."""

import numpy as np

from lockstep.data.bars import Array, Bars
from lockstep.errors import InvalidFeatures
from lockstep.features.feature_set import FeatureSet


def build_features(features: FeatureSet, bars: Bars) -> Array:
    """Return the features of bars of consecutive sessions (oldest first), float64 (n_bars, n_columns).

    Raises `InvalidFeatures` for another type or shape. NaN is the business of training, which looks at every row.
    """
    built, expected = features.build(bars), (len(bars), len(features.columns))
    if not isinstance(built, np.ndarray):
        raise InvalidFeatures(f"returned a {type(built).__name__}; expected a float64 array {expected}")
    if built.dtype != np.float64 or built.shape != expected:
        raise InvalidFeatures(f"returned {built.dtype} {built.shape}; expected a float64 array {expected}")
    return built
