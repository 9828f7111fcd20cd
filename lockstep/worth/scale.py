"""What a scale is worth as a forecast of how far a price moves."""

import numpy as np

from lockstep.data.bars import Array
from lockstep.worth.points import r2


def fit_factor(scale: Array, moves: Array) -> float:
    """Return the factor by which scales (n,) are nearest to the absolute relative changes after them, (n,).

    Nearest by least squares: the line goes through 0, as a scale of 0 forecasts no move. 0 if every scale is.
    """
    squares = float(np.sum(scale * scale))
    return float(np.sum(scale * moves)) / squares if squares else 0.0


def score_scale(scale: Array, moves: Array, factor: float) -> float:
    """Return the R² of `factor` times the scales (n,) as forecasts of the moves after them, (n,).

    It is against the mean of those moves, which nobody knew beforehand. A factor that was fitted on other rows shows
    what the scale forecasts; it may be below 0.
    """
    return r2(moves, factor * scale)
