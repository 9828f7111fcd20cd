"""Bars that nobody traded, as many as are asked for."""

import numpy as np

from lockstep.data.bars import Bars

FIRST_DATE = np.datetime64("1800-01-01", "D")
SEED = 1


def make_bars(n_bars: int) -> Bars:
    """Return bars of consecutive days from `FIRST_DATE` on, oldest first, prices around 100."""
    rng = np.random.default_rng(SEED)
    open_, close = rng.uniform(90.0, 110.0, (2, n_bars))
    high = np.maximum(open_, close) * rng.uniform(1.0, 1.01, n_bars)
    low = np.minimum(open_, close) * rng.uniform(0.99, 1.0, n_bars)
    volume = rng.integers(1_000_000, 9_000_000, n_bars).astype(np.float64)
    return Bars(FIRST_DATE + np.arange(n_bars), np.stack([open_, high, low, close, volume]))
