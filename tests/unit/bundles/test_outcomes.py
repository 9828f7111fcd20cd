"""What came true after stored bars, and how good their forecasts were, beside plain loops and the manifest."""

from collections.abc import Callable
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from lockstep.bundles.outcome_scores import OutcomeScores, Rows, score_outcomes
from lockstep.bundles.outcomes import Outcomes, find_outcomes
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.targets import BUILT_IN, Targets
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar
from lockstep.predict.intervals import Levels
from lockstep.training.recipe import Recipe
from lockstep.training.target import Target
from lockstep.training.training import train

HORIZON, TEST_ROWS = 5, 120


def highest(bars: Bars, horizon_bars: int) -> Array:
    targets = np.full(len(bars), np.nan)
    for row in range(len(bars) - horizon_bars):
        targets[row] = bars.close[row + 1 : row + 1 + horizon_bars].max() / bars.close[row]
    return targets


def is_calm(bars: Bars, horizon_bars: int) -> Targets:
    moves = highest(bars, horizon_bars)
    return np.where(np.isnan(moves), "", np.where(moves < 1.02, "calm", "wild"))


ESTIMATORS = {"return": Ridge(), "direction": LogisticRegression(), "highest": Ridge(), "is_calm": LogisticRegression()}
BUILD = {**BUILT_IN, "highest": highest, "is_calm": is_calm}
TrainTarget = Callable[[str], SeriesBundle]


@pytest.fixture(scope="module")
def train_target(
    bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> TrainTarget:
    folder = tmp_path_factory.mktemp("targets")
    made: dict[str, SeriesBundle] = {}

    def make(name: str) -> SeriesBundle:
        if name not in made:
            target = Target(name, HORIZON, BUILD[name])
            changed = msgspec.structs.replace(recipe, target=target, estimator=ESTIMATORS[name])
            trained = train(bars, calendar, changed)
            made[name] = load_series(save_bundle(folder / name, trained.manifest, trained.files))
        return made[name]

    return make


def look_up(bundle: SeriesBundle, bars: Bars, first: int = 0) -> Outcomes:
    return find_outcomes(bundle, bars, np.arange(first, len(bars)))


def test_a_return_is_known_as_soon_as_its_close_is(train_target: TrainTarget, market: Bars) -> None:
    close = market.close.tolist()
    for n_bars in (500, 503, 520):
        found = look_up(train_target("return"), market.select(slice(n_bars)))
        expected = [close[row + HORIZON] / close[row] for row in range(n_bars - HORIZON)]
        assert found.cells == [*expected, *[None] * HORIZON]


def test_a_direction_is_a_label(train_target: TrainTarget, bars: Bars) -> None:
    close = bars.close.tolist()
    expected = ["up" if close[row + HORIZON] > close[row] else "down" for row in range(500 - HORIZON)]
    assert look_up(train_target("direction"), bars).cells == [*expected, *[None] * HORIZON]


@pytest.mark.parametrize("name", ["highest", "is_calm"])
def test_of_another_target_the_evaluation_alone_knows_the_values(
    name: str, train_target: TrainTarget, market: Bars
) -> None:
    bundle = train_target(name)
    stated = bundle.evaluation.y_true[:-HORIZON].tolist()
    expected = [*[None] * (500 - TEST_ROWS), *stated, *[None] * HORIZON]
    assert look_up(bundle, market.select(slice(500))).cells == expected
    assert look_up(bundle, market).cells == [*expected, *[None] * 20]


@pytest.mark.parametrize("name", ["highest", "is_calm"])
def test_of_another_target_nothing_is_known_over_changed_bars(
    name: str, train_target: TrainTarget, market: Bars
) -> None:
    values = market.values.copy()
    values[4, 10] += 1.0  # a target may read any bar up to its horizon, and any column
    assert not look_up(train_target(name), Bars(market.dates, values)).known.any()


def test_the_samples_are_the_windows_of_the_manifest(train_target: TrainTarget, market: Bars) -> None:
    found = look_up(train_target("return"), market)
    assert found.samples.tolist() == ["learning"] * 380 + ["test"] * TEST_ROWS + ["new"] * 20
    assert np.flatnonzero(found.scored).tolist() == list(range(380, 520 - HORIZON))


def score(bundle: SeriesBundle, first: int, levels: Levels = ()) -> OutcomeScores:
    """Return the scores of the stored rows from one on."""
    rows = np.arange(first, len(bundle.bars))
    bars = bundle.bars.select(rows)
    stages = bundle.forecaster.forecast(bars, levels=levels).stages
    return score_outcomes(bundle, Rows(bars.dates, stages, levels), find_outcomes(bundle, bundle.bars, rows))


@pytest.mark.parametrize("name", [*ESTIMATORS])
def test_the_scores_of_all_test_rows_are_those_of_the_manifest(name: str, train_target: TrainTarget) -> None:
    bundle = train_target(name)
    for first in (380, 300):  # learning rows are answered, and not scored
        found, stated = score(bundle, first), bundle.manifest.scores
        assert found.rows == TEST_ROWS - HORIZON
        assert found.predictors["model"] == stated["model"]
        assert [*found.predictors] == [*stated]
        assert found.predictors == stated or name == "is_calm"  # how often each label was learned, no manifest says


def test_intervals_are_scored_level_by_level(default_bundle: SeriesBundle) -> None:
    """Beside a plain loop over the rows of the evaluation."""
    first, levels = len(default_bundle.bars) - 300, (95, 50)
    found = score(default_bundle, first, levels)
    stages = default_bundle.forecaster.forecast(default_bundle.bars.select(slice(first, None)), levels=levels).stages
    close = default_bundle.bars.close.tolist()[first:]
    returns = [after / now for now, after in pairwise(close)]
    for place, (level, scored) in enumerate(zip(levels, found.intervals, strict=True)):
        halves = stages["half_width"][:-1, place].tolist()
        bounds = [(max(1.0 - half, 0.0), 1.0 + half) for half in halves]
        below = [lower > y for y, (lower, _) in zip(returns, bounds, strict=True)]
        above = [upper < y for y, (_, upper) in zip(returns, bounds, strict=True)]
        missed = [max(lower - y, y - upper, 0.0) for y, (lower, upper) in zip(returns, bounds, strict=True)]
        width = sum(upper - lower for lower, upper in bounds) / 299
        assert (scored.level, scored.below, scored.above) == (level, sum(below) / 299, sum(above) / 299)
        assert scored.coverage == pytest.approx(1.0 - scored.below - scored.above, abs=1e-12)
        assert scored.mean_width == pytest.approx(width, rel=1e-12)
        winkler = width + sum(missed) / 299 * 200 / (100 - level)
        assert scored.winkler_score == pytest.approx(winkler, rel=1e-12)


def test_no_rows_have_no_scores(train_target: TrainTarget) -> None:
    bundle = train_target("return")
    rows = np.arange(300, 380)
    outcomes = find_outcomes(bundle, bundle.bars, rows)
    stages = bundle.forecaster.forecast(bundle.bars.select(rows)).stages
    assert score_outcomes(bundle, Rows(bundle.bars.dates[rows], stages, ()), outcomes) == OutcomeScores(0, {}, [])
