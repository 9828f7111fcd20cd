"""How far the coverage of rolling intervals strays by chance alone: `python -m qa.intervals.chance` prints it.

Bars without structure are simulated and forecast as the library forecasts any others. `lockstep/worth/chance.py` has
the bands of one such simulation. They are not those of the binomial distribution. After some misses the sorted scores
are larger and the next intervals wider, so a long run strays much less than as many throws of a coin. A short run at
a horizon of several bars strays more.
"""

import sys
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.targets import gross_returns
from lockstep.data.bars import Array, Bars
from lockstep.predict.intervals import EVALUATED_LEVELS, MAX_HORIZON_BARS, interval_at
from lockstep.predict.stages import HALF_WIDTH
from lockstep.worth.chance import CHANCE_ROWS, HALF_BANDS

N_BARS, N_SERIES = 50_000, 200
"""Simulated bars of a series, and series for each horizon: 10 million rows are 2,500 runs of the longest length."""
DAILY_MOVE, FREEDOM = 0.01, 4
"""The standard deviation of a day, and the degrees of freedom of Student's t: tails as heavy as those of a stock."""
STEPS = 17
"""Of the random walk of a day. The first one is over night, so that the day opens after it."""
NORMAL_BAND = 1.96
"""Of a normal distribution, so many standard deviations on either side hold 95 %."""
STARTS = 8
"""Runs of equal length overlap: so many start within the length of one."""
FEW_SERIES, TOLERANCE = 20, 0.15
"""What a check simulates again, in ten seconds, and how far a band may be from the constant: the longest runs are so
few that their band has a standard error of 4.5 %."""

Bands = dict[int, list[float]]
"""The half width of the band for each level, one for each of the numbers of rows."""


def simulate_bars(rng: np.random.Generator, volatility: Array, n_steps: int = STEPS) -> Bars:
    """Return bars of this relative volatility (n_bars,), oldest first; otherwise their moves are independent."""
    n_bars = volatility.size
    deviation = DAILY_MOVE * volatility * np.sqrt((FREEDOM - 2) / rng.chisquare(FREEDOM, n_bars))
    steps = rng.standard_normal((n_bars, n_steps)) * (deviation / np.sqrt(n_steps))[:, np.newaxis]
    path = np.cumsum(steps, axis=1)
    path += np.concatenate([[0.0], np.cumsum(path[:-1, -1])])[:, np.newaxis]
    prices = np.exp([path[:, 0], path.max(axis=1), path.min(axis=1), path[:, -1]])
    return Bars(np.datetime64("1900-01-01") + np.arange(n_bars), prices)


def draw_hits(horizon_bars: int, n_series: int, n_bars: int = N_BARS) -> Iterator[NDArray[np.bool_]]:
    """Yield, for each simulated series, whether the interval of each level held in each row, (n_levels, n_rows)."""
    interval = interval_at(horizon_bars)
    for seed in range(n_series):
        bars = simulate_bars(np.random.default_rng([horizon_bars, n_series, seed]), np.ones(n_bars))
        places = np.arange(interval.lookback_bars - 1, n_bars - horizon_bars)
        half_width = interval.measure(bars, places, EVALUATED_LEVELS).stages[HALF_WIDTH]
        moves = np.abs(gross_returns(bars.close, horizon_bars)[places] - 1.0)
        yield moves <= half_width.T


def measure_bands(horizon_bars: int, n_series: int) -> Bands:
    """Return `NORMAL_BAND` root mean squares of coverage less level, for every number of rows in `CHANCE_ROWS`."""
    squares: Mapping[int, list[list[Array]]] = {level: [[] for _ in CHANCE_ROWS] for level in EVALUATED_LEVELS}
    for hits in draw_hits(horizon_bars, n_series):
        for level, held in zip(EVALUATED_LEVELS, hits, strict=True):
            counts = np.concatenate([[0], np.cumsum(held)])
            for found, n_rows in zip(squares[level], CHANCE_ROWS, strict=True):
                covered = (counts[n_rows:] - counts[:-n_rows])[:: max(n_rows // STARTS, 1)] / n_rows
                found.append((covered - level / 100) ** 2)
    return {
        level: [NORMAL_BAND * float(np.sqrt(np.mean(np.concatenate(found)))) for found in by_rows]
        for level, by_rows in squares.items()
    }


def find_other_bands() -> list[str]:
    """Return the constants that are further than `TOLERANCE` from what a new simulation gives."""
    found = []
    for horizon_bars in range(1, MAX_HORIZON_BARS + 1):
        for level, bands in measure_bands(horizon_bars, FEW_SERIES).items():
            for n_rows, band, known in zip(CHANCE_ROWS, bands, HALF_BANDS[horizon_bars][level], strict=True):
                if abs(band - known) > TOLERANCE * known:
                    found.append(f"{horizon_bars} bars ahead, {level} %, {n_rows} rows: {band:.4f}, not {known:.4f}")
    return found


def main() -> int:
    """Print the bands of every horizon and level, one for each number of rows; takes two minutes."""
    print("rows:", *CHANCE_ROWS)
    for horizon_bars in range(1, MAX_HORIZON_BARS + 1):
        for level, bands in measure_bands(horizon_bars, N_SERIES).items():
            print(f"{horizon_bars} bars ahead, {level} %:", ", ".join(f"{band:.4f}" for band in bands), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
