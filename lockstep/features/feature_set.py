"""Feature sets: what a model is fed, as a named function of bars.

`FeatureSet` is the extension point. A bundle names its feature set by a dotted path such as
`preprocessing.features:DAILY`; a path to a module of your own works as well, as long as it can be
imported where the bundle is trained and served.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from lockstep.data.bars import Adjusts, Array, Bars
from lockstep.errors import UnknownFeatureSet


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
