"""What each fold learns from and forecasts, and which verdict follows."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lockstep.bundles.targets import BUILT_IN
from lockstep.bundles.verdicts import FOLDS, VerdictEntry, compare_with_naive, decide_verdict
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import TrainingError
from lockstep.training.learning import Fitted, LearningRows, build_learning_rows, fit_model
from lockstep.training.recipe import Recipe
from lockstep.training.target import Target
from lockstep.training.training import Trained, train
from lockstep.training.walk_forward import forecast_folds, judge_model, split_folds, walk_forward

RELATIVE = 1e-9
"""The loop fits scaler and model in one Pipeline."""


@pytest.fixture(scope="module")
def learning(bars: Bars, recipe: Recipe) -> LearningRows:
    return build_learning_rows(bars, recipe)


@pytest.mark.parametrize(("n_rows", "horizon_bars"), [(100, 1), (181, 1), (1055, 5), (4000, 21)])
def test_folds_cover_the_newer_half_once_and_learn_from_all_rows_before(n_rows: int, horizon_bars: int) -> None:
    folds = split_folds(n_rows, horizon_bars)
    assert len(folds) == FOLDS == 5
    forecast = [row for fold in folds for row in range(n_rows)[fold.forecast]]
    assert forecast == list(range(n_rows // 2, n_rows))
    sizes = [fold.forecast.stop - fold.forecast.start for fold in folds]
    assert max(sizes) - min(sizes) <= 1
    for fold in folds:
        assert range(n_rows)[fold.learned] == range(fold.forecast.start - (horizon_bars - 1))


@pytest.mark.parametrize("horizon_bars", [1, 4])
def test_no_learned_target_reads_beyond_the_first_bar_of_its_fold(
    bars: Bars, recipe: Recipe, horizon_bars: int
) -> None:
    """Closes after the first bar of each fold are changed: the fold's learned targets stay as they are."""
    target = Target("return", horizon_bars, BUILT_IN["return"])
    learning = build_learning_rows(bars, msgspec.structs.replace(recipe, target=target))
    first_row = int(np.searchsorted(bars.dates, learning.bars.dates[0]))
    for fold in split_folds(len(learning.bars), horizon_bars):
        known = first_row + fold.forecast.start + 1
        values = bars.values.copy()
        values[:, known:] *= 1.7
        changed = target.build(replace(bars, values=values))[first_row:]
        newest = fold.learned.stop - 1
        assert changed[fold.learned].tolist() == learning.targets[fold.learned].tolist()
        assert changed[newest + 1] != learning.targets[newest + 1]


def test_each_fold_is_forecast_by_a_scaler_and_a_model_of_the_rows_before(
    learning: LearningRows, recipe: Recipe
) -> None:
    asked = msgspec.structs.replace(recipe, estimator=Ridge(alpha=3.0))
    predicted = []
    for start, stop in ((90, 108), (108, 126), (126, 144), (144, 162), (162, 181)):
        pipeline = make_pipeline(StandardScaler(), Ridge(alpha=3.0))
        pipeline.fit(learning.features[:start], learning.targets[:start])
        predicted += pipeline.predict(learning.features[start:stop]).tolist()
    found = [value for _, forecast in forecast_folds(learning, asked, fit_model) for value in forecast.tolist()]
    assert found == pytest.approx(predicted, rel=RELATIVE)
    expected = compare_with_naive(learning.targets[90:], np.array(predicted), 1)
    compared = walk_forward(learning, asked, fit_model)
    assert [compared.t, compared.mse_ratio] == pytest.approx([expected.t, expected.mse_ratio], rel=1e-6)
    assert (compared.rows, compared.lag) == (91, 3)


def test_verdict_of_a_trained_model_is_of_its_folds_and_its_test_rows(
    trained: Trained, learning: LearningRows, recipe: Recipe
) -> None:
    verdict = trained.manifest.verdict
    assert verdict is not msgspec.UNSET
    assert verdict.walk_forward == walk_forward(learning, recipe, fit_model)
    assert verdict.verdict == decide_verdict(verdict.walk_forward)
    y_true, y_pred = (cells[:-1] for cells in (trained.evaluation.y_true, trained.evaluation.y_pred))
    assert verdict.test == compare_with_naive(y_true, y_pred, 1)
    assert trained.unjudged == ""


def test_the_test_rows_do_not_change_the_verdict(trained: Trained, learning: LearningRows, recipe: Recipe) -> None:
    evaluation = trained.evaluation
    known = replace(evaluation, cells={**evaluation.cells, "y_pred": evaluation.y_true})
    verdict = judge_model(learning, recipe, fit_model, known)
    assert isinstance(verdict, VerdictEntry)
    assert (verdict.verdict, verdict.test.mse_ratio) == ("worse-than-naive", 0.0)


def test_a_model_that_knows_what_comes_is_better_and_no_change_is_not(
    bars: Bars, calendar: Calendar, recipe: Recipe, learning: LearningRows
) -> None:
    telling = replace(learning, features=learning.features.copy())
    telling.features[:, 0] = learning.targets
    better = walk_forward(telling, msgspec.structs.replace(recipe, estimator=LinearRegression()), fit_model)
    assert decide_verdict(better) == "better-than-naive"
    constant = msgspec.structs.replace(recipe, estimator=DummyRegressor(strategy="constant", constant=1.0))
    verdict = train(bars, calendar, constant).manifest.verdict
    assert verdict is not msgspec.UNSET
    assert (verdict.verdict, verdict.walk_forward.t, verdict.test.t) == ("not-better-than-naive", 0.0, 0.0)


def test_another_target_has_no_verdict(bars: Bars, calendar: Calendar, recipe: Recipe) -> None:
    directions = msgspec.structs.replace(recipe, target=Target("direction", 1, BUILT_IN["direction"]))
    made = train(bars, calendar, directions)
    assert made.manifest.verdict is msgspec.UNSET
    assert b'"verdict"' not in msgspec.json.encode(made.manifest)
    assert made.unjudged == '"no change" is a forecast of the target return alone'


def test_too_few_learning_rows_give_no_verdict_but_a_bundle(bars: Bars, calendar: Calendar, recipe: Recipe) -> None:
    small = msgspec.structs.replace(recipe, test_rows=202)
    made = train(bars, calendar, small)
    assert (made.manifest.learning.rows, made.manifest.verdict) == (99, msgspec.UNSET)
    assert made.unjudged == "99 learning rows are too few for 5 folds; 100 are needed"


def test_a_model_that_cannot_forecast_a_fold_gets_no_verdict(
    recipe: Recipe, learning: LearningRows, trained: Trained
) -> None:
    asked = msgspec.structs.replace(recipe, estimator=KNeighborsRegressor(n_neighbors=150))
    reason = judge_model(learning, asked, fit_model, trained.evaluation)
    assert isinstance(reason, str)
    assert reason.startswith("KNeighborsRegressor cannot forecast a fold: ")

    class Undecided(LinearRegression):  # type: ignore[misc] # scikit-learn ships no types
        def predict(self, features: np.ndarray) -> np.ndarray:
            return np.full(len(features), np.nan)

    def fit_undecided(rows: LearningRows, _: Recipe) -> Fitted:
        return None, Undecided().fit(rows.features, rows.targets)

    with pytest.raises(TrainingError, match=r"^Undecided forecasts NaN in a fold$"):
        walk_forward(learning, recipe, fit_undecided)
