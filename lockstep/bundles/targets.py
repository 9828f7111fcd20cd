"""The targets that Lockstep brings: values of a bar that later bars settle.

Training learns them, the self-check recomputes what an evaluation says came true, and a backtest compares its finished
forecasts with them. No other module may import this one: what forecasts reads no later bar. A target's horizon is how
many bars ahead of its row it reads. The newest `horizon_bars` rows have no target yet.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.entries import DIRECTION, DOWN, RETURN, UP
from lockstep.data.bars import Array, Bars

UNKNOWN_LABEL = ""

Targets = NDArray[Any]
"""float64 (n,), NaN where a target is not known yet; or labels, text (n,), empty there."""

BuildTargets = Callable[[Bars, int], Targets]
"""From bars, oldest first, and a horizon in bars to the targets of all bars."""


def gross_returns(close: Array, horizon_bars: int) -> Array:
    """Return close of the bar `horizon_bars` later / close, (n,); NaN for the newest `horizon_bars`."""
    targets = np.full_like(close, np.nan)
    targets[:-horizon_bars] = close[horizon_bars:] / close[:-horizon_bars]
    return targets


def directions(close: Array, horizon_bars: int) -> NDArray[np.str_]:
    """Return `UP` if the close `horizon_bars` later is higher, else `DOWN`, (n,); empty for the newest `horizon_bars`.

    A close that has not changed is `DOWN`: nobody who bought has gained.
    """
    targets = np.full(close.shape, UNKNOWN_LABEL, f"U{max(len(UP), len(DOWN))}")
    targets[:-horizon_bars] = np.where(close[horizon_bars:] > close[:-horizon_bars], UP, DOWN)
    return targets


BUILT_IN: Mapping[str, BuildTargets] = {
    RETURN: lambda bars, horizon_bars: gross_returns(bars.close, horizon_bars),
    DIRECTION: lambda bars, horizon_bars: directions(bars.close, horizon_bars),
}


def is_labels(targets: Targets) -> bool:
    """Return whether targets are labels, which a classifier learns, and not numbers."""
    return targets.dtype.kind == "U"


def is_known(targets: Targets) -> NDArray[np.bool_]:
    """Return which targets are known, (n,)."""
    return np.asarray(targets != UNKNOWN_LABEL if is_labels(targets) else np.isfinite(targets))
