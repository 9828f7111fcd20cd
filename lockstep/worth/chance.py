"""How far the coverage of rolling intervals strays from its level by chance alone.

It is not as far as that of so many throws of a coin. After some misses the sorted scores are larger, and the next
intervals wider: so long runs stray much less. Several bars ahead outcomes overlap, and short runs stray more.
"""

from collections.abc import Mapping
from math import sqrt

import numpy as np

CHANCE_ROWS = (30, 60, 125, 250, 500, 1000, 2000, 4000)
"""The numbers of rows for which bands were simulated."""

HALF_BANDS: Mapping[int, Mapping[int, tuple[float, ...]]] = {
    1: {
        50: (0.1624, 0.1104, 0.0671, 0.0354, 0.0195, 0.0113, 0.0069, 0.0045),
        80: (0.1224, 0.0817, 0.0490, 0.0262, 0.0148, 0.0088, 0.0056, 0.0037),
        90: (0.0928, 0.0619, 0.0374, 0.0204, 0.0118, 0.0073, 0.0047, 0.0032),
        95: (0.0696, 0.0469, 0.0287, 0.0160, 0.0095, 0.0060, 0.0041, 0.0029),
    },
    2: {
        50: (0.1848, 0.1275, 0.0841, 0.0510, 0.0265, 0.0142, 0.0081, 0.0048),
        80: (0.1502, 0.1022, 0.0668, 0.0404, 0.0212, 0.0115, 0.0067, 0.0040),
        90: (0.1159, 0.0790, 0.0517, 0.0314, 0.0167, 0.0093, 0.0055, 0.0034),
        95: (0.0875, 0.0601, 0.0395, 0.0242, 0.0131, 0.0076, 0.0046, 0.0030),
    },
    3: {
        50: (0.2109, 0.1459, 0.0967, 0.0589, 0.0305, 0.0162, 0.0091, 0.0054),
        80: (0.1772, 0.1213, 0.0796, 0.0483, 0.0252, 0.0136, 0.0078, 0.0048),
        90: (0.1370, 0.0939, 0.0615, 0.0375, 0.0199, 0.0111, 0.0066, 0.0044),
        95: (0.1032, 0.0713, 0.0471, 0.0288, 0.0156, 0.0090, 0.0057, 0.0040),
    },
    4: {
        50: (0.2369, 0.1644, 0.1092, 0.0664, 0.0343, 0.0181, 0.0100, 0.0059),
        80: (0.2021, 0.1394, 0.0921, 0.0560, 0.0291, 0.0157, 0.0090, 0.0057),
        90: (0.1557, 0.1077, 0.0715, 0.0437, 0.0232, 0.0130, 0.0081, 0.0057),
        95: (0.1170, 0.0813, 0.0543, 0.0334, 0.0182, 0.0108, 0.0072, 0.0054),
    },
    5: {
        50: (0.2597, 0.1810, 0.1207, 0.0735, 0.0375, 0.0199, 0.0110, 0.0064),
        80: (0.2240, 0.1553, 0.1028, 0.0629, 0.0326, 0.0176, 0.0102, 0.0065),
        90: (0.1730, 0.1202, 0.0798, 0.0491, 0.0261, 0.0147, 0.0093, 0.0068),
        95: (0.1298, 0.0906, 0.0604, 0.0375, 0.0206, 0.0125, 0.0088, 0.0071),
    },
}
"""By horizon in bars and by level: 1.96 root mean squares of coverage less level, one for each of `CHANCE_ROWS`.

They are of simulated bars without structure, whose intervals are those of `lockstep.predict.intervals`:
`python -m qa.intervals.chance` simulates them again. The levels are those of evaluations.
"""


def find_chance_band(level: int, n_rows: int, horizon_bars: int) -> tuple[float, float] | None:
    """Return between which shares 95 of 100 runs of `n_rows` cover by chance; None if that was not simulated.

    `level` is a whole percent. Between two simulated numbers of rows the half band is a line in 1 / rows. Shorter runs
    stray like throws of a coin; longer ones at most as far as the longest.
    """
    simulated = HALF_BANDS.get(horizon_bars, {}).get(level)
    if simulated is None:
        return None
    per_row = 1.0 / np.array(CHANCE_ROWS[::-1])
    half = float(np.interp(1.0 / n_rows, per_row, simulated[::-1])) * sqrt(max(CHANCE_ROWS[0] / n_rows, 1.0))
    return max(level / 100 - half, 0.0), min(level / 100 + half, 1.0)
