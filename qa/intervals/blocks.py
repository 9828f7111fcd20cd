"""Series cut into blocks of test rows, and what the intervals of each block are worth beside simpler ones."""

from dataclasses import dataclass

import numpy as np

from lockstep.bundles.targets import gross_returns
from lockstep.data.bars import Array
from lockstep.predict.intervals import EVALUATED_LEVELS, find_bounds, interval_at
from lockstep.predict.stages import HALF_WIDTH, SCALE
from lockstep.training.split import DEFAULT_TEST_ROWS
from lockstep.worth.intervals import (
    Intervals,
    coverage,
    find_worst_stretch,
    group_coverage,
    is_covered,
    winkler_score,
)
from lockstep.worth.rivals import gaussian_ewma, measure_ewma, split_conformal
from lockstep.worth.scale import fit_factor, score_scale
from qa.intervals.series import Series

BLOCK_ROWS = DEFAULT_TEST_ROWS
MIN_LEARNING_ROWS = 500
"""With fewer rows before a block, the quantiles of split conformal are chance."""
SCORED_LEVEL = 80


@dataclass(frozen=True)
class Rival:
    """What simpler intervals of `SCORED_LEVEL` are worth on the rows of a block."""

    coverage: float
    winkler: float


@dataclass(frozen=True)
class Block:
    """Consecutive rows of a series, and what intervals are worth on them."""

    series: str
    first: np.datetime64
    last: np.datetime64
    coverage: dict[int, float]
    winkler: float
    split: Rival
    ewma: Rival
    worst_stretch: float
    terciles: tuple[float, ...]
    scale_r2: float
    ewma_r2: float

    @property
    def to_split(self) -> float:
        """Return the Winkler score as a share of split conformal's."""
        return self.winkler / self.split.winkler

    @property
    def to_ewma(self) -> float:
        """Return the Winkler score as a share of that of normal returns with an EWMA of their squares."""
        return self.winkler / self.ewma.winkler


@dataclass(frozen=True)
class Rows:
    """The rows of a series that have an interval and an outcome, oldest first."""

    dates: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    y_true: Array
    scale: Array
    half_width: Array
    deviation: Array

    def select(self, rows: slice) -> "Rows":
        """Return some of the rows."""
        return Rows(self.dates[rows], self.y_true[rows], self.scale[rows], self.half_width[rows], self.deviation[rows])


def measure_blocks(series: Series, horizon_bars: int) -> list[Block]:
    """Return the disjoint blocks of `BLOCK_ROWS` rows that have `MIN_LEARNING_ROWS` before them, the newest first."""
    rows = forecast_rows(series, horizon_bars)
    stops = range(rows.y_true.size, BLOCK_ROWS + MIN_LEARNING_ROWS + horizon_bars - 2, -BLOCK_ROWS)
    return [_measure_block(series.name, rows, slice(stop - BLOCK_ROWS, stop), horizon_bars) for stop in stops]


def forecast_rows(series: Series, horizon_bars: int) -> Rows:
    """Return what the library forecasts for every row that has a full look-back, and what came true."""
    bars, interval = series.bars, interval_at(horizon_bars)
    places = np.arange(interval.lookback_bars - 1, len(bars) - horizon_bars)
    stages = interval.measure(bars, places, EVALUATED_LEVELS).stages
    y_true = gross_returns(bars.close, horizon_bars)[places]
    deviation = measure_ewma(bars.close)[places - 1]  # the first bar has none
    return Rows(bars.dates[places], y_true, stages[SCALE], stages[HALF_WIDTH], deviation)


def _measure_block(name: str, rows: Rows, block: slice, horizon_bars: int) -> Block:
    learned, tested = rows.select(slice(block.start - horizon_bars + 1)), rows.select(block)
    column = EVALUATED_LEVELS.index(SCORED_LEVEL)
    covered = is_covered(tested.y_true, _make_intervals(SCORED_LEVEL, tested.half_width[:, column]))
    constant = np.full(BLOCK_ROWS, split_conformal(np.abs(learned.y_true - 1.0), SCORED_LEVEL))
    return Block(
        name,
        tested.dates[0],
        tested.dates[-1],
        {
            level: coverage(tested.y_true, _make_intervals(level, widths))
            for level, widths in zip(EVALUATED_LEVELS, tested.half_width.T, strict=True)
        },
        _score(tested.y_true, tested.half_width[:, column]).winkler,
        _score(tested.y_true, constant),
        _score(tested.y_true, gaussian_ewma(tested.deviation, SCORED_LEVEL, horizon_bars)),
        find_worst_stretch(covered).coverage,
        tuple(group_coverage(covered, tested.scale)),
        _score_scale(learned.scale, tested.scale, learned, tested),
        _score_scale(learned.deviation, tested.deviation, learned, tested),
    )


def _score_scale(learned_scale: Array, tested_scale: Array, learned: Rows, tested: Rows) -> float:
    factor = fit_factor(learned_scale, np.abs(learned.y_true - 1.0))
    return score_scale(tested_scale, np.abs(tested.y_true - 1.0), factor)


def _score(y_true: Array, half_width: Array) -> Rival:
    intervals = _make_intervals(SCORED_LEVEL, half_width)
    return Rival(coverage(y_true, intervals), winkler_score(y_true, intervals))


def _make_intervals(level: int, half_width: Array) -> Intervals:
    return Intervals(level, *find_bounds(half_width))
