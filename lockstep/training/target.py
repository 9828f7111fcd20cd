"""What is forecast: the next bar's gross return. Only training and evaluation may import this module."""

from typing import Final

import numpy as np

from lockstep.data.bars import Array

HORIZON_BARS: Final = 1


def next_gross_returns(close: Array) -> Array:
    """Return close of the next bar / close, (n,); the newest is NaN, since its next bar is not there yet."""
    targets = np.full_like(close, np.nan)
    targets[:-HORIZON_BARS] = close[HORIZON_BARS:] / close[:-HORIZON_BARS]
    return targets
