"""Score the intervals of a series on its test rows, beside simpler ones."""

import math
from dataclasses import dataclass

import numpy as np
from msgspec import UNSET, UnsetType

from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.interval_scores import IntervalScores, LevelScores, WorstStretch
from lockstep.bundles.scores import NO_CHANGE
from lockstep.data.bars import Array, Bars, Dates
from lockstep.predict.intervals import EVALUATED_LEVELS, RollingInterval, find_bounds
from lockstep.predict.scales import measure_scales
from lockstep.predict.stages import HALF_WIDTH, SCALE, Stages
from lockstep.worth import intervals as worth
from lockstep.worth.chance import find_chance_band
from lockstep.worth.points import ratio
from lockstep.worth.rivals import gaussian_ewma, measure_ewma, split_conformal
from lockstep.worth.scale import fit_factor, score_scale


@dataclass(frozen=True)
class Evidence:
    """What intervals are scored by.

    `bars` are all bars, oldest first; `learned` the returns of the learning rows, (n_learned,). `evaluation` is of the
    newest bars, and `stages` hold their scales and their half widths of `EVALUATED_LEVELS`.
    """

    bars: Bars
    learned: Array
    evaluation: Evaluation
    stages: Stages


@dataclass(frozen=True)
class _Moves:
    """How far prices moved from some bars, (n,), and two forecasts of it: the scale, and an EWMA of squared returns."""

    moves: Array
    scale: Array
    ewma: Array


@dataclass(frozen=True)
class _Rows:
    """The test rows that came true, what they say of moves, and what the learning rows did."""

    dates: Dates
    y_true: Array
    half_width: Array
    tested: _Moves
    learned: _Moves
    learned_moves: Array


def score_intervals(evidence: Evidence, interval: RollingInterval) -> IntervalScores:
    """Return what the intervals of the test rows that came true are worth, by level."""
    rows = _select_rows(evidence, interval)
    levels = [_score_level(rows, column, interval.horizon_bars) for column in range(len(EVALUATED_LEVELS))]
    by_level = {each.level: each.winkler_score for each in levels}
    wis = worth.wis(rows.y_true, np.full_like(rows.y_true, NO_CHANGE), by_level)
    learned, now = rows.learned, rows.tested
    scale_r2 = score_scale(now.scale, now.moves, fit_factor(learned.scale, learned.moves))
    ewma_r2 = score_scale(now.ewma, now.moves, fit_factor(learned.ewma, learned.moves))
    return IntervalScores(levels, wis, scale_r2, ewma_r2)


def _select_rows(evidence: Evidence, interval: RollingInterval) -> _Rows:
    """Return the rows that are scored; of the learning rows, those with a scale show how far prices move."""
    evaluation, n_bars, n_scale = evidence.evaluation, len(evidence.bars), interval.scale_values
    realised = evaluation.realised
    stop = n_bars - realised.size - (interval.horizon_bars - 1)
    first = max(stop - evidence.learned.size, n_scale)
    scales, ewma = measure_scales(evidence.bars, n_scale), measure_ewma(evidence.bars.close)
    y_true, moves = evaluation.y_true[realised], np.abs(evidence.learned - NO_CHANGE)
    return _Rows(
        evaluation.dates[realised],
        y_true,
        evidence.stages[HALF_WIDTH][realised],
        _Moves(np.abs(y_true - NO_CHANGE), evidence.stages[SCALE][realised], ewma[-realised.size :][realised]),
        _Moves(moves[first - stop :], scales[first - n_scale : stop - n_scale], ewma[first - 1 : stop - 1]),
        moves,
    )


def _score_level(rows: _Rows, column: int, horizon_bars: int) -> LevelScores:
    level = EVALUATED_LEVELS[column]
    intervals = _make_intervals(level, rows.half_width[:, column])
    covered = worth.is_covered(rows.y_true, intervals)
    winkler = worth.winkler_score(rows.y_true, intervals)
    split = np.full_like(rows.y_true, split_conformal(rows.learned_moves, level))
    ewma = gaussian_ewma(rows.tested.ewma, level, horizon_bars)
    return LevelScores(
        level,
        worth.coverage(rows.y_true, intervals),
        find_chance_band(level, rows.y_true.size, horizon_bars),
        worth.share_below(rows.y_true, intervals),
        worth.share_above(rows.y_true, intervals),
        worth.mean_width(intervals),
        winkler,
        _describe_worst(rows, worth.find_worst_stretch(covered)),
        worth.group_coverage(covered, rows.tested.scale),
        *(_compare(winkler, rows.y_true, _make_intervals(level, rival)) for rival in (split, ewma)),
    )


def _make_intervals(level: int, half_width: Array) -> worth.Intervals:
    return worth.Intervals(level, *find_bounds(half_width))


def _describe_worst(rows: _Rows, worst: worth.Stretch) -> WorstStretch:
    dates = rows.dates[worst.rows]
    return WorstStretch(str(dates[0]), str(dates[-1]), dates.size, worst.coverage)


def _compare(winkler: float, y_true: Array, rival: worth.Intervals) -> float | UnsetType:
    compared = ratio(winkler, worth.winkler_score(y_true, rival))
    return UNSET if math.isnan(compared) else compared
