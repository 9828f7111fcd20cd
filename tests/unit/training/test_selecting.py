"""What a selection tries, how far candidates are shrunk, and which bundle follows."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from lockstep.bundles.evaluation import EVALUATION_FILE
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.targets import BUILT_IN
from lockstep.bundles.verdicts import compare_with_naive
from lockstep.cli.verify import verify
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import TrainingError
from lockstep.training.estimators import parse_estimator
from lockstep.training.learning import LearningRows, build_learning_rows, fit_model, shrink_returns
from lockstep.training.recipe import Recipe
from lockstep.training.selecting import CANDIDATES, SHRINKAGES, choose_shrinkage, select_model
from lockstep.training.target import Target
from lockstep.training.training import Trained, train

ROUNDING = 1e-12
"""Forecasts are near 1, and shrunk before or after a sum."""
FLOAT32 = 1e-8
"""Histogram boosting keeps its gradients, near 0.01, as float32."""
NO_CHANGE_SPEC, *LEARNING_SPECS = CANDIDATES
QUICK = (NO_CHANGE_SPEC, "ridge(alpha=10.0)", "tree(min_samples_leaf=20)")
RIDGE = QUICK[1]


@pytest.fixture(scope="module")
def noise(bars: Bars, recipe: Recipe) -> LearningRows:
    """The learning rows of random bars."""
    return build_learning_rows(bars, recipe)


@pytest.fixture(scope="module")
def signal(noise: LearningRows) -> LearningRows:
    """Learning rows whose returns a linear model can learn for a good part."""
    rng = np.random.default_rng(21)
    told = 0.01 * rng.normal(0.0, 1.0, len(noise.bars))
    features = noise.features.copy()
    features[:, 0] = told
    return replace(noise, features=features, targets=1.0 + told + rng.normal(0.0, 0.003, told.size))


def select(recipe: Recipe, learning: LearningRows) -> Recipe:
    selection = select_model(learning, recipe, candidates=QUICK)
    return msgspec.structs.replace(recipe, selection=selection, estimator=parse_estimator(selection.chosen))


@pytest.mark.parametrize("shrinkage", [0.1, 0.7])
@pytest.mark.parametrize("spec", LEARNING_SPECS)
def test_learning_shrunk_targets_is_shrinking_what_was_learned(
    noise: LearningRows, recipe: Recipe, spec: str, shrinkage: float
) -> None:
    rng = np.random.default_rng(4)
    rows = replace(noise, features=rng.normal(size=(400, 5)), targets=1.0 + rng.normal(0.0, 0.01, 400))
    asked = msgspec.structs.replace(recipe, estimator=parse_estimator(spec))

    def forecast(targets: Array) -> Array:
        with threadpool_limits(1):  # which is much faster while other tests run
            scaler, model = fit_model(replace(rows, targets=targets), asked)
        predicted: Array = model.predict(rows.features if scaler is None else scaler.transform(rows.features))
        return predicted

    learned = forecast(rows.targets)
    assert np.ptp(learned) > 1e-4
    tolerance = FLOAT32 if spec.startswith("hist") else ROUNDING
    assert forecast(shrink_returns(rows.targets, shrinkage)) == pytest.approx(
        1.0 + shrinkage * (learned - 1.0), rel=0.0, abs=tolerance
    )


def test_shrinkage_is_the_one_with_the_least_squared_error() -> None:
    rng = np.random.default_rng(9)
    signal, noise = rng.normal(0.0, 0.01, (2, 5000))
    y_true, learned = 1.0 + signal, 1.0 + signal + noise  # of which half is true
    assert choose_shrinkage(y_true, learned) == 0.5
    assert choose_shrinkage(y_true, 1.0 + 0.2 * signal) == 1.0
    assert choose_shrinkage(y_true, 1.0 - signal) == 0.0
    assert choose_shrinkage(y_true, np.ones(5000)) == 0.0
    assert choose_shrinkage(y_true[:0], learned[:0]) == 0.0
    assert SHRINKAGES == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@pytest.mark.parametrize("horizon_bars", [1, 5])
def test_each_fold_is_shrunk_as_the_folds_before_it_say(
    signal: LearningRows, recipe: Recipe, horizon_bars: int
) -> None:
    """A loop over the folds, whose first is not scored; targets that overlap a fold do not choose for it."""
    noisy = signal.targets + np.random.default_rng(5).normal(0.0, 0.02, signal.targets.size)
    learning, gap = replace(signal, targets=noisy, horizon_bars=horizon_bars), horizon_bars - 1
    [_, found] = select_model(learning, recipe, candidates=QUICK[:2]).candidates
    learned: list[float] = []
    shrunk: list[float] = []
    shrinkages: list[float] = []
    for start, stop in ((90, 108), (108, 126), (126, 144), (144, 162), (162, 181)):
        scaler = StandardScaler().fit(learning.features[: start - gap])
        model = Ridge(alpha=10.0).fit(
            scaler.transform(learning.features[: start - gap]), learning.targets[: start - gap]
        )
        forecast = model.predict(scaler.transform(learning.features[start:stop]))
        known = slice(90, start - gap)
        before = np.array(learned)[: max(start - gap - 90, 0)]
        if learned:
            shrinkages.append(choose_shrinkage(learning.targets[known], before))
            shrunk += (1.0 + shrinkages[-1] * (forecast - 1.0)).tolist()
        learned += forecast.tolist()
    assert len({*shrinkages}) > 1, shrinkages
    expected = compare_with_naive(learning.targets[108:], np.array(shrunk), horizon_bars)
    assert [found.walk_forward.t, found.walk_forward.mse_ratio] == pytest.approx([expected.t, expected.mse_ratio])
    assert (found.walk_forward.rows, found.walk_forward.lag) == (73, expected.lag)
    assert found.shrinkage == choose_shrinkage(learning.targets[90:], np.array(learned))


def test_every_candidate_is_reported_and_every_fold_counted(noise: LearningRows, recipe: Recipe) -> None:
    folds: list[None] = []
    selection = select_model(noise, recipe, on_fold=lambda: folds.append(None), candidates=QUICK)
    assert [each.estimator for each in selection.candidates] == list(QUICK)
    assert len(folds) == 5 * len(QUICK)
    assert (selection.no_change.walk_forward.t, selection.no_change.walk_forward.mse_ratio) == (0.0, 1.0)
    assert selection == select_model(noise, recipe, candidates=QUICK)


def test_on_noise_the_bundle_serves_no_change(
    bars: Bars, calendar: Calendar, recipe: Recipe, noise: LearningRows, tmp_path: Path
) -> None:
    chosen = select(recipe, noise)
    made = train(bars, calendar, chosen)
    assert made.manifest.selection == chosen.selection
    assert made.evaluation.y_pred.tolist() == [1.0] * 120
    assert made.manifest.predictor == "exact"
    verdict = made.manifest.verdict
    assert verdict is not msgspec.UNSET
    assert (verdict.verdict, verdict.folds, verdict.walk_forward.t) == ("not-better-than-naive", 4, 0.0)
    folder = save_bundle(tmp_path / "models" / "tiny", made.manifest, made.files)
    assert load_series(folder).manifest == made.manifest
    assert "the walk-forward t of the 3 candidates" in CliRunner().invoke(verify, [str(folder)]).output


def test_what_passes_the_gate_is_served_as_it_was_shrunk(
    bars: Bars, calendar: Calendar, recipe: Recipe, signal: LearningRows
) -> None:
    chosen = select(recipe, signal)
    assert not isinstance(chosen.selection, msgspec.UnsetType)
    served = chosen.selection.served
    assert (served.estimator, chosen.selection.is_gate_passed, served.walk_forward.t < -1.645) == (RIDGE, True, True)
    assert 0.0 < served.shrinkage == chosen.shrinkage
    less = msgspec.structs.replace(served, shrinkage=0.5)
    candidates = [less if each is served else each for each in chosen.selection.candidates]
    halved = msgspec.structs.replace(chosen.selection, candidates=candidates)
    made = train(bars, calendar, msgspec.structs.replace(chosen, selection=halved))
    plain = train(bars, calendar, msgspec.structs.replace(chosen, selection=msgspec.UNSET))
    shrunk = 1.0 + 0.5 * (plain.evaluation.y_pred - 1.0)
    assert made.evaluation.y_pred == pytest.approx(shrunk, rel=0.0, abs=ROUNDING)
    assert made.evaluation.y_true.tolist()[:-1] == plain.evaluation.y_true.tolist()[:-1]
    verdict = made.manifest.verdict
    assert verdict is not msgspec.UNSET
    assert (verdict.walk_forward, verdict.verdict) == (served.walk_forward, "better-than-naive")
    assert made.files[EVALUATION_FILE] != plain.files[EVALUATION_FILE]


def test_a_selection_without_the_gate_trains_what_its_estimator_alone_trains(
    trained: Trained, bars: Bars, calendar: Calendar, recipe: Recipe, noise: LearningRows
) -> None:
    made = train(bars, calendar, select(recipe, noise))
    alone = train(bars, calendar, msgspec.structs.replace(recipe, estimator=parse_estimator(NO_CHANGE_SPEC)))
    assert made.files == alone.files != trained.files


def test_another_target_and_too_few_rows_are_refused(noise: LearningRows, recipe: Recipe) -> None:
    directions = msgspec.structs.replace(recipe, target=Target("direction", 1, BUILT_IN["direction"]))
    with pytest.raises(TrainingError, match=r"^--select compares .* target return; for direction leave it out"):
        select_model(noise, directions)
    with pytest.raises(TrainingError, match=r"^99 learning rows are too few for 5 folds; 100 are needed"):
        select_model(noise.select(slice(99)), recipe)
