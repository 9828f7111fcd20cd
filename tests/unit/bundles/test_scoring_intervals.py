"""What a manifest states of intervals, against loops in plain Python over the bars and the half widths."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec import UNSET
from sklearn.linear_model import Ridge

from lockstep.bundles.interval_scores import IntervalScores, WorstStretch
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.scoring_intervals import Evidence, score_intervals
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.shown_scores import show_level
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.predict.intervals import EVALUATED_LEVELS
from lockstep.predict.stages import HALF_WIDTH, SCALE
from lockstep.training.recipe import Recipe
from lockstep.training.training import train
from lockstep.worth.chance import find_chance_band

ROUNDING = 1e-9  # a sum in another order, of exponential means of 500 bars
NORMAL = {50: 0.6744897501960817, 80: 1.2815515655446004, 90: 1.6448536269514722, 95: 1.959963984540054}
"""Of the standard normal distribution: so many percent lie no further from 0."""


@pytest.fixture(scope="module", params=[1, 3])
def scored(
    request: pytest.FixtureRequest,
    bars: Bars,
    calendar: Calendar,
    recipe: Recipe,
    tmp_path_factory: pytest.TempPathFactory,
) -> SeriesBundle:
    """A small bundle of returns one bar ahead, and of returns three bars ahead."""
    changed = msgspec.structs.replace(
        recipe, target=replace(recipe.target, horizon_bars=request.param), estimator=Ridge()
    )
    trained = train(bars, calendar, changed)
    return load_series(save_bundle(tmp_path_factory.mktemp("scored") / "tiny", trained.manifest, trained.files))


class Loop:
    """The same in plain Python: one row after the other, each from the bars up to it."""

    def __init__(self, bundle: SeriesBundle) -> None:
        manifest, stages = bundle.manifest, bundle.predict_evaluated().stages
        self.horizon, self.dates = manifest.horizon_bars, bundle.evaluation.keys
        self.high, self.low, self.close = (values.tolist() for values in bundle.bars.values[1:4])
        self.width, n_bars, n_test = 64 if self.horizon == 1 else 128, len(self.close), len(self.dates)
        self.half_widths, self.scales = stages[HALF_WIDTH].tolist(), stages[SCALE].tolist()
        self.tested = range(n_bars - n_test, n_bars - self.horizon)
        first = manifest.feature_set.lookback_bars - 1
        self.learned = range(first, n_bars - n_test - (self.horizon - 1))

    def move(self, bar: int) -> float:
        return abs(self.close[bar + self.horizon] / self.close[bar] - 1.0)

    def scale(self, bar: int) -> float:
        means = []
        for decay in (0.80, 0.97):
            total = weights = 0.0
            for age in range(self.width):
                at, weight = bar - age, decay**age
                high, low = max(self.high[at], self.close[at - 1]), min(self.low[at], self.close[at - 1])
                total, weights = total + weight * 2.0 * (high - low) / (self.high[at] + self.low[at]), weights + weight
            means.append(total / weights)
        return sum(means) / 2.0

    def ewma(self, bar: int) -> float:
        mean = (self.close[1] / self.close[0] - 1.0) ** 2
        for at in range(2, bar + 1):
            mean = 0.94 * mean + 0.06 * (self.close[at] / self.close[at - 1] - 1.0) ** 2
        return math.sqrt(mean)

    def score_forecast(self, forecast: Any) -> float:
        pairs = [(forecast(bar), self.move(bar)) for bar in self.learned]
        factor = sum(each * move for each, move in pairs) / sum(each * each for each, _ in pairs)
        moves = [self.move(bar) for bar in self.tested]
        mean = sum(moves) / len(moves)
        lost = sum((self.move(bar) - factor * forecast(bar)) ** 2 for bar in self.tested)
        return 1.0 - lost / sum((move - mean) ** 2 for move in moves)

    def split_conformal(self, level: int) -> float:
        ordered = sorted(self.move(bar) for bar in self.learned)
        place = (len(ordered) + 1) * level / 100
        below = math.floor(place)
        return float(ordered[below - 1] + (place - below) * (ordered[below] - ordered[below - 1]))

    def winkler(self, level: int, half_widths: list[float]) -> float:
        missed = [max(self.move(bar) - half, 0.0) for bar, half in zip(self.tested, half_widths, strict=True)]
        return sum(
            2.0 * half + 2.0 / (1.0 - level / 100) * by for half, by in zip(half_widths, missed, strict=True)
        ) / len(missed)

    def score_level(self, level: int) -> dict[str, Any]:
        n, column = len(self.tested), EVALUATED_LEVELS.index(level)
        halves = [row[column] for row in self.half_widths[:n]]
        up = [self.close[bar + self.horizon] > self.close[bar] for bar in self.tested]
        hits = [self.move(bar) <= half for bar, half in zip(self.tested, halves, strict=True)]
        by_scale = [hits[row] for row in sorted(range(n), key=lambda row: self.scales[row])]
        ends = [0, n // 3 + (n % 3 > 0), 2 * (n // 3) + min(n % 3, 2), n]
        split = [self.split_conformal(level)] * n
        ewma = [NORMAL[level] * math.sqrt(self.horizon) * self.ewma(bar) for bar in self.tested]
        found = self.winkler(level, halves)
        return {
            "level": level,
            "coverage": sum(hits) / n,
            "chance": find_chance_band(level, n, self.horizon),
            "below": sum(not hit and not rose for hit, rose in zip(hits, up, strict=True)) / n,
            "above": sum(not hit and rose for hit, rose in zip(hits, up, strict=True)) / n,
            "mean_width": 2.0 * sum(halves) / n,
            "winkler_score": found,
            "worst": WorstStretch(self.dates[0], self.dates[n - 1], n, sum(hits) / n),
            "terciles": [sum(by_scale[a:b]) / (b - a) for a, b in pairwise(ends)],
            "to_split_conformal": found / self.winkler(level, split),
            "to_gaussian_ewma": found / self.winkler(level, ewma),
        }


def read_scores(bundle: SeriesBundle) -> IntervalScores:
    entry = bundle.manifest.interval
    if entry is UNSET or entry.scores is UNSET:
        pytest.fail("no scores")
    return entry.scores


def test_the_manifest_states_what_a_plain_loop_finds(scored: SeriesBundle) -> None:
    loop = Loop(scored)
    for level, stated in zip(EVALUATED_LEVELS, read_scores(scored).levels, strict=True):
        for member, expected in loop.score_level(level).items():
            near = expected if member == "worst" else pytest.approx(expected, rel=ROUNDING)
            assert getattr(stated, member) == near, (level, member)


def test_all_levels_together_and_the_scale_are_scored_as_a_plain_loop_does(scored: SeriesBundle) -> None:
    stated, loop = read_scores(scored), Loop(scored)
    levels = [loop.score_level(level) for level in EVALUATED_LEVELS]
    center = sum(loop.move(bar) for bar in loop.tested) / len(loop.tested)
    weighted = sum((1.0 - each["level"] / 100) / 2.0 * each["winkler_score"] for each in levels)
    assert stated.wis == pytest.approx((center / 2.0 + weighted) / 4.5, rel=ROUNDING)
    assert stated.scale_r2 == pytest.approx(loop.score_forecast(loop.scale), abs=ROUNDING)
    assert stated.ewma_r2 == pytest.approx(loop.score_forecast(loop.ewma), abs=ROUNDING)


def test_few_learned_returns_leave_split_conformal_out(scored: SeriesBundle) -> None:
    interval = scored.forecaster.interval
    assert interval is not None
    few = Evidence(scored.bars, np.full(10, 1.01), scored.evaluation, scored.predict_evaluated().stages)
    *_, highest = score_intervals(few, interval).levels
    assert highest.to_split_conformal is UNSET
    assert show_level(highest)["/ split conformal"] == "-"
    assert show_level(highest)["/ Gaussian EWMA"] == f"{highest.to_gaussian_ewma:.4f}"
