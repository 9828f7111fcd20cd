import csv
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from lockstep.applications import find_application
from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from lockstep.bundles.evaluation import EVALUATION_FILE
from lockstep.bundles.manifest import MANIFEST_FILE, decode_manifest
from lockstep.bundles.selfcheck import ROWS_ALONE
from lockstep.bundles.series import BARS_FILE
from lockstep.bundles.unpickle import unpickle
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import TrainingError
from lockstep.features.loading import load_feature_set
from lockstep.training.learning import Fitted, LearningRows, build_learning_rows, rebuild_learning_targets
from lockstep.training.prices import load_prices
from lockstep.training.recipe import POLYNOMIAL, TREE, Recipe, default_model
from lockstep.training.split import MIN_LEARNING_ROWS
from lockstep.training.target import NEXT_RETURN
from lockstep.training.training import Trained, train
from preprocessing.daily import DAILY
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import ROOT

LOOKBACK = DAILY.lookback_bars
TEST_ROWS = 120


@pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")  # exchange_calendars
def test_default_recipe_gives_the_default_bundle_to_the_bit(price_file: Path) -> None:
    """The pickles are compared by what they hold: another Python refers to equal strings another way."""
    prices = load_prices(price_file, None, DAILY)
    retrained = train(
        prices.bars,
        prices.calendar,
        Recipe("msft", "MSFT", prices.source, load_feature_set("daily", find_application(ROOT))),
    )
    assert retrained.files[EVALUATION_FILE] == (DEFAULT_BUNDLE / EVALUATION_FILE).read_bytes()
    committed = decode_manifest((DEFAULT_BUNDLE / MANIFEST_FILE).read_bytes())
    libraries = retrained.manifest.libraries | {"python": committed.libraries["python"]}
    pickles = {name: committed.files[name] for name in (SCALER_FILE, MODEL_FILE)}
    same = msgspec.structs.replace(retrained.manifest, libraries=libraries, files=retrained.manifest.files | pickles)
    assert same.sealed() == committed
    for name in pickles:
        kept, anew = (
            unpickle(content, name) for content in ((DEFAULT_BUNDLE / name).read_bytes(), retrained.files[name])
        )
        assert _numbers(kept) == _numbers(anew)


def _numbers(fitted: StandardScaler | Pipeline) -> list[bytes]:
    if isinstance(fitted, StandardScaler):
        return [fitted.mean_.tobytes(), fitted.scale_.tobytes()]
    state = fitted[TREE].tree_.__getstate__()
    nodes = [state["nodes"][name].tobytes() for name in state["nodes"].dtype.names]  # between fields nothing is set
    return [*nodes, state["values"].tobytes(), fitted[POLYNOMIAL].powers_.tobytes()]


def test_training_twice_gives_the_same_bytes(bars: Bars, calendar: Calendar, recipe: Recipe, trained: Trained) -> None:
    again = train(bars, calendar, recipe)
    assert (again.files, again.manifest) == (trained.files, trained.manifest)


def test_scaler_and_tree_see_no_price_of_a_test_row(
    bars: Bars, calendar: Calendar, recipe: Recipe, trained: Trained
) -> None:
    values = bars.values.copy()
    values[:, -TEST_ROWS + 1 :] *= np.random.default_rng(3).uniform(0.5, 2.0, TEST_ROWS - 1)
    values[:3, -TEST_ROWS] *= [1.0, 1.5, 0.5]  # all but the first test bar's close, which the newest target reads
    values[4, -TEST_ROWS] += 1.0
    changed = train(Bars(bars.dates, values), calendar, recipe).files
    assert [changed[name] == trained.files[name] for name in (SCALER_FILE, MODEL_FILE, EVALUATION_FILE)] == [1, 1, 0]


def test_newest_learning_target_reads_the_first_test_close(
    bars: Bars, calendar: Calendar, recipe: Recipe, trained: Trained
) -> None:
    values = bars.values.copy()
    values[:4, -TEST_ROWS:] *= 1.5
    changed = train(Bars(bars.dates, values), calendar, recipe).files
    assert changed[SCALER_FILE] == trained.files[SCALER_FILE]
    assert changed[MODEL_FILE] != trained.files[MODEL_FILE]


def test_scaler_holds_the_statistics_of_the_learning_rows(bars: Bars, trained: Trained) -> None:
    scaler: Any = unpickle(trained.files[SCALER_FILE], SCALER_FILE)
    learning = StandardScaler().fit(DAILY.build(bars)[LOOKBACK - 1 : -TEST_ROWS])
    assert scaler.mean_.tolist() == learning.mean_.tolist()
    assert scaler.scale_.tolist() == learning.scale_.tolist()


def test_split_is_chronological_and_without_a_gap(bars: Bars, trained: Trained) -> None:
    learning, test = trained.manifest.learning, trained.manifest.test
    assert (learning.first, learning.last) == (str(bars.dates[LOOKBACK - 1]), str(bars.dates[-TEST_ROWS - 1]))
    assert (test.first, test.last) == (str(bars.dates[-TEST_ROWS]), str(bars.dates[-1]))
    assert (learning.rows, test.rows) == (len(bars) - TEST_ROWS - LOOKBACK + 1, TEST_ROWS)


def test_test_rows_are_the_newest_bars_and_only_the_last_has_no_outcome(bars: Bars, trained: Trained) -> None:
    evaluation = trained.evaluation
    assert evaluation.dates.tolist() == bars.dates[-TEST_ROWS:].tolist()
    assert evaluation.y_true[:-1].tolist() == (bars.close[-TEST_ROWS + 1 :] / bars.close[-TEST_ROWS:-1]).tolist()
    assert np.isnan(evaluation.y_true[-1])
    assert trained.files[EVALUATION_FILE].decode().splitlines()[-1].split(",")[3] == ""


def test_learning_rows_pair_each_bar_with_its_next_return(bars: Bars, recipe: Recipe, trained: Trained) -> None:
    learning = build_learning_rows(bars, recipe)
    rows = slice(LOOKBACK - 1, len(bars) - TEST_ROWS)
    assert learning.bars.dates.tolist() == bars.dates[rows].tolist()
    assert learning.features.tolist() == DAILY.build(bars)[rows].tolist()
    assert learning.targets.tolist() == (bars.close[1:] / bars.close[:-1])[rows].tolist()
    assert rebuild_learning_targets(trained.manifest, bars, NEXT_RETURN).tolist() == learning.targets.tolist()


def test_too_few_bars_are_refused_with_the_number_needed(bars: Bars, recipe: Recipe) -> None:
    needed = LOOKBACK - 1 + MIN_LEARNING_ROWS + TEST_ROWS
    enough = build_learning_rows(bars.select(slice(needed)), recipe)
    assert enough.targets.size == MIN_LEARNING_ROWS
    with pytest.raises(TrainingError, match=rf"^{needed - 1} bars are too few.* need {needed};"):
        build_learning_rows(bars.select(slice(needed - 1)), recipe)


def test_a_fit_of_ones_own_is_given_the_learning_rows_and_used(
    bars: Bars, calendar: Calendar, recipe: Recipe, trained: Trained
) -> None:
    def fit_first_100(learning: LearningRows, _: Recipe) -> Fitted:
        given.append(learning.features.tolist())
        scaler = StandardScaler().fit(learning.features)
        scaled = scaler.transform(learning.features)
        return scaler, default_model().fit(scaled[:100], learning.targets[:100])

    given: list[object] = []
    other = train(bars, calendar, recipe, fit_first_100)
    assert given[0] == build_learning_rows(bars, recipe).features.tolist()
    assert other.files[SCALER_FILE] == trained.files[SCALER_FILE]
    model: Any = unpickle(other.files[MODEL_FILE], MODEL_FILE)
    assert model[TREE].tree_.n_node_samples[0] == 100
    assert other.evaluation.y_pred.tolist() != trained.evaluation.y_pred.tolist()
    assert other.manifest.learning == trained.manifest.learning


@pytest.mark.parametrize("test_rows", [-5, 0, 10])
def test_test_rows_of_which_fewer_than_ten_come_true_are_refused(bars: Bars, recipe: Recipe, test_rows: int) -> None:
    with pytest.raises(TrainingError, match="at least 11"):
        build_learning_rows(bars, msgspec.structs.replace(recipe, test_rows=test_rows))


def test_features_are_built_once_for_all_bars_and_once_for_each_row_alone(
    bars: Bars, calendar: Calendar, recipe: Recipe
) -> None:
    built: list[int] = []

    def build(given: Bars) -> Array:
        built.append(len(given))
        return DAILY.build(given)

    counting = replace(recipe.feature_set, features=replace(DAILY, build=build))
    train(bars, calendar, msgspec.structs.replace(recipe, feature_set=counting))
    assert built == [len(bars), *[LOOKBACK] * ROWS_ALONE]


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda bars: DAILY.build(bars)[3:], r"returned float64 \(497, 17\); expected a float64 array \(500, 17\)"),
        (lambda bars: DAILY.build(bars).astype(np.float32), r"returned float32 \(500, 17\); expected a float64"),
        (lambda bars: [1.0], "returned a list; expected a float64 array"),
        (lambda bars: 1 / 0, r"raised ZeroDivisionError: division by zero \(.*test_training\.py, line \d+\)"),
        (lambda bars: np.where(np.arange(17) == 2, np.nan, DAILY.build(bars)), "returned nan for .* on .* where its"),
    ],
)
def test_a_feature_set_that_returns_something_else_is_refused_by_name(
    bars: Bars, calendar: Calendar, recipe: Recipe, build: Any, reason: str
) -> None:
    wrong = replace(recipe.feature_set, features=replace(DAILY, build=build))
    with pytest.raises(TrainingError, match=f"the feature set daily {reason}"):
        train(bars, calendar, msgspec.structs.replace(recipe, feature_set=wrong))


def test_the_estimator_is_described_as_it_was_fitted(bars: Bars, calendar: Calendar, recipe: Recipe) -> None:
    def fit_a_line_of_terms(learning: LearningRows, _: Recipe) -> Fitted:
        scaler = StandardScaler().fit(learning.features)
        steps = [(POLYNOMIAL, PolynomialFeatures(1)), (TREE, DecisionTreeRegressor(max_depth=2, random_state=7))]
        return scaler, Pipeline(steps).fit(scaler.transform(learning.features), learning.targets)

    scaler, polynomial, tree = train(bars, calendar, recipe, fit_a_line_of_terms).manifest.estimator
    assert scaler.estimator == "sklearn.preprocessing._data.StandardScaler"
    assert (polynomial.parameters["degree"], polynomial.parameters["include_bias"]) == (1, True)
    assert tree.estimator == "sklearn.tree._classes.DecisionTreeRegressor"
    assert (tree.parameters["max_depth"], tree.parameters["max_leaf_nodes"]) == (2, None)


def test_the_default_bundle_is_the_one_of_the_first_version_described_anew() -> None:
    """Its pickles, its bars and the columns of its evaluation, as they were when it was first published."""
    first = {
        SCALER_FILE: "32229a15c15fece51eea1c23f9a46b4f11218dea393fc65017ca497700a9023f",
        MODEL_FILE: "c876a2fdc252fbd6eddfbb9d2fe1a714e0a196e49366b63b2a79def4846e30d2",
        BARS_FILE: "558aee4731cfefc643be21c909d81ef4993a1b48071322284b8e3d383f57f25e",
        "date,y_true,y_pred": "269d5df226ab1d1db096fa72cab8e7311377b98121978bb16fd8b53e2c4a887a",
    }
    with (DEFAULT_BUNDLE / EVALUATION_FILE).open(newline="") as file:
        rows = [",".join((row["date"], row["y_true"], row["y_pred"])) for row in csv.DictReader(file)]
    today = {name: hashlib.sha256((DEFAULT_BUNDLE / name).read_bytes()).hexdigest() for name in list(first)[:3]}
    assert {**today, "date,y_true,y_pred": hashlib.sha256("\n".join(rows).encode()).hexdigest()} == first
