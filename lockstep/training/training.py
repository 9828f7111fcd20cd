"""Train a bundle from price bars: split by time, fit on the learning rows only, evaluate on the rest."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from lockstep.bundles.bundle import bundle_files, seal_manifest
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.manifest import CalendarEntry, Estimator, Manifest, Source, Window, installed_libraries
from lockstep.bundles.scores import compare_with_naive, up_rate
from lockstep.bundles.selfcheck import check_windows
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar
from lockstep.errors import TrainingError
from lockstep.features.feature_set import FeatureSet, load_feature_set
from lockstep.predict.fitted import MAX_DEGREE, POLYNOMIAL, TREE
from lockstep.predict.forecast import Forecaster
from lockstep.predict.history import History
from lockstep.training.evaluation import evaluate
from lockstep.training.target import HORIZON_BARS, next_gross_returns

DEFAULT_TEST_ROWS = 961
DEFAULT_FEATURE_SET = "preprocessing.features:DAILY"
MIN_LEARNING_ROWS = 50

Parameters = dict[str, int | float | str | None]


def default_parameters() -> Parameters:
    """Return the tutorial's parameters of the tree."""
    return {"max_depth": 18, "min_samples_split": 5, "max_leaf_nodes": 50, "random_state": 1}


class Recipe(msgspec.Struct, frozen=True):
    """Say what to train: the symbol, the test rows, the feature set and the tree's parameters."""

    name: str
    symbol: str
    source: Source
    test_rows: int = DEFAULT_TEST_ROWS
    feature_set: str = DEFAULT_FEATURE_SET
    parameters: Parameters = msgspec.field(default_factory=default_parameters)


@dataclass(frozen=True)
class Trained:
    """Hold a trained bundle before it is saved: the sealed manifest, its files and the evaluation."""

    manifest: Manifest
    files: dict[str, bytes]
    evaluation: Evaluation


@dataclass(frozen=True)
class LearningRows:
    """Hold what a model may learn from: features (n, n_features) and next gross returns (n,), oldest first."""

    bars: Bars
    features: Array
    targets: Array


Fit = Callable[[LearningRows, Parameters], tuple[StandardScaler, Pipeline]]


def select_learning_rows(bars: Bars, feature_set: FeatureSet, test_rows: int) -> LearningRows:
    """Return the rows with a full look-back that lie before the last `test_rows` bars.

    The newest target reads the close of the first test bar, which was known before that bar was forecast.
    """
    first, stop = feature_set.lookback_bars - 1, len(bars) - test_rows
    if test_rows < 2 or stop - first < MIN_LEARNING_ROWS:
        needed = first + MIN_LEARNING_ROWS + test_rows
        raise TrainingError(
            f"{len(bars)} bars are too few: {test_rows} test rows (at least 2), {MIN_LEARNING_ROWS} learning rows and "
            f"a look-back of {feature_set.lookback_bars} need {needed}; pass a smaller --test-rows or more bars"
        )
    rows = slice(first, stop)
    return LearningRows(bars.select(rows), feature_set.build(bars)[rows], next_gross_returns(bars.close)[rows])


def mean_learning_return(manifest: Manifest, bars: Bars) -> float:
    """Return the mean target of a bundle's learning rows, the second naive predictor."""
    stop = len(bars) - manifest.test.rows
    return float(np.mean(next_gross_returns(bars.close)[stop - manifest.learning.rows : stop]))


def make_model(parameters: Parameters) -> Pipeline:
    """Return the unfitted model: degree-2 polynomial terms, then a regression tree."""
    regressor = DecisionTreeRegressor(**parameters)
    return Pipeline([(POLYNOMIAL, PolynomialFeatures(degree=MAX_DEGREE)), (TREE, regressor)])


def fit_model(learning: LearningRows, parameters: Parameters) -> tuple[StandardScaler, Pipeline]:
    """Return the scaler and the model, both fitted on all learning rows."""
    scaler = StandardScaler().fit(learning.features)
    return scaler, make_model(parameters).fit(scaler.transform(learning.features), learning.targets)


def train(bars: Bars, calendar: Calendar, recipe: Recipe, fit: Fit = fit_model) -> Trained:
    """Return a bundle trained on `bars` (consecutive sessions of `calendar`, oldest first).

    `fit` sees the learning rows and nothing else. The same bars, recipe and library versions give the same bytes.
    Raises `TrainingError`, and `EvaluationMismatch` where a feature reads more than its look-back.
    """
    feature_set = load_feature_set(recipe.feature_set)
    learning = select_learning_rows(bars, feature_set, recipe.test_rows)
    scaler, model = fit(learning, recipe.parameters)
    forecaster = Forecaster(History(bars, calendar), feature_set, scaler, model)
    check_windows(forecaster, bars.select(slice(-recipe.test_rows, None)))
    evaluation = evaluate(forecaster, bars, recipe.test_rows)
    files = bundle_files(scaler, model, bars, evaluation)
    manifest = _describe(recipe, calendar, feature_set, learning, evaluation)
    return Trained(seal_manifest(manifest, files), files, evaluation)


def _describe(
    recipe: Recipe, calendar: Calendar, feature_set: FeatureSet, learning: LearningRows, evaluation: Evaluation
) -> Manifest:
    y_true, y_pred = evaluation.y_true[evaluation.realised], evaluation.y_pred[evaluation.realised]
    return Manifest(
        schema_version=1,
        parity="bits",
        name=recipe.name,
        symbol=recipe.symbol,
        feature_set=recipe.feature_set,
        features=list(feature_set.columns),
        lookback_bars=feature_set.lookback_bars,
        horizon_bars=HORIZON_BARS,
        learning=_window(learning.bars.dates),
        test=_window(evaluation.dates),
        estimator=Estimator("DecisionTreeRegressor", MAX_DEGREE, recipe.parameters),
        scores=compare_with_naive(y_true, y_pred, float(np.mean(learning.targets))),
        up_rate=up_rate(y_true),
        libraries=installed_libraries(),
        source=recipe.source,
        files={},
        calendar=CalendarEntry.describe(calendar),
    )


def _window(dates: np.ndarray) -> Window:
    return Window(str(dates[0]), str(dates[-1]), dates.size)
