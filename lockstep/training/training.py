"""Train a bundle from price bars: split by time, fit on the learning rows only, evaluate on the rest."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from lockstep.bundles.entries import FeatureSetEntry, SchemaEntry, Source, Step, Window
from lockstep.bundles.evaluation import EVALUATION_FILE, Evaluation, write_evaluation
from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.saving import seal_manifest
from lockstep.bundles.scores import compare_with_naive, up_rate
from lockstep.bundles.sealing import seal_model
from lockstep.bundles.selfcheck import check_windows
from lockstep.bundles.series import BARS_FILE, list_features
from lockstep.data.bars import Array, Bars
from lockstep.data.calendar import Calendar
from lockstep.data.price_csv import write_price_csv
from lockstep.errors import TrainingError
from lockstep.features.feature_set import NamedFeatureSet
from lockstep.features.sources import describe_raised
from lockstep.predict.forecast import Forecaster
from lockstep.predict.guarantees import BITS
from lockstep.predict.history import History
from lockstep.predict.stages import PREDICTION
from lockstep.training.evaluation import record_evaluation
from lockstep.training.promises import promise_outputs
from lockstep.training.target import HORIZON_BARS, next_gross_returns

DEFAULT_TEST_ROWS = 961
DEFAULT_FEATURE_SET = "daily"
MIN_LEARNING_ROWS = 50
POLYNOMIAL, TREE = "polynomial", "tree"
DEGREE = 2

Parameters = dict[str, int | float | str | None]


def default_parameters() -> Parameters:
    """Return the tutorial's parameters of the tree."""
    return {"max_depth": 18, "min_samples_split": 5, "max_leaf_nodes": 50, "random_state": 1}


class Recipe(msgspec.Struct, frozen=True):
    """What to train: the model's name, the symbol, the feature set, the test rows and the tree's parameters."""

    name: str
    symbol: str
    source: Source
    feature_set: NamedFeatureSet
    test_rows: int = DEFAULT_TEST_ROWS
    parameters: Parameters = msgspec.field(default_factory=default_parameters)


@dataclass(frozen=True)
class Trained:
    """A trained bundle before it is saved: the sealed manifest, its files and the evaluation."""

    manifest: SeriesManifest
    files: dict[str, bytes]
    evaluation: Evaluation


@dataclass(frozen=True)
class LearningRows:
    """What a model may learn from: features (n, n_features) and next gross returns (n,), oldest first."""

    bars: Bars
    features: Array
    targets: Array


Fit = Callable[[LearningRows, Parameters], tuple[StandardScaler, Pipeline]]


def select_learning_rows(bars: Bars, features: Array, lookback_bars: int, test_rows: int) -> LearningRows:
    """Return the rows with a full look-back that lie before the last `test_rows` bars.

    `features` are those of all bars, (n_bars, n_features). The newest target reads the close of the first test bar,
    which was known before that bar was forecast.
    """
    rows = slice(lookback_bars - 1, len(bars) - test_rows)
    return LearningRows(bars.select(rows), features[rows], next_gross_returns(bars.close)[rows])


def check_extent(bars: Bars, lookback_bars: int, test_rows: int) -> None:
    """Raise `TrainingError` if the bars are too few for learning rows and test rows."""
    first, stop = lookback_bars - 1, len(bars) - test_rows
    if test_rows < 2 or stop - first < MIN_LEARNING_ROWS:
        needed = first + MIN_LEARNING_ROWS + test_rows
        raise TrainingError(
            f"{len(bars)} bars are too few: {test_rows} test rows (at least 2), {MIN_LEARNING_ROWS} learning rows and "
            f"a look-back of {lookback_bars} need {needed}; pass a smaller --test-rows or more bars"
        )


def build_learning_rows(bars: Bars, recipe: Recipe) -> LearningRows:
    """Return the learning rows of a recipe; raise `TrainingError` for too few bars."""
    features = recipe.feature_set.features
    check_extent(bars, features.lookback_bars, recipe.test_rows)
    built = build_features(recipe.feature_set, bars)
    return select_learning_rows(bars, built, features.lookback_bars, recipe.test_rows)


def build_features(named: NamedFeatureSet, bars: Bars) -> Array:
    """Return the features of all bars, float64 (n_bars, n_columns).

    Raises `TrainingError` if the set raises, or returns anything else, NaN where the look-back is full included.
    """
    features, expected = named.features, (len(bars), len(named.features.columns))
    try:
        built = features.build(bars)
    except Exception as error:  # a user's code may raise anything
        raise TrainingError(f"the feature set {named.name} raised {describe_raised(error)}") from error
    if not isinstance(built, np.ndarray) or built.dtype != np.float64 or built.shape != expected:
        shown = f"{built.dtype} {built.shape}" if isinstance(built, np.ndarray) else f"a {type(built).__name__}"
        raise TrainingError(f"the feature set {named.name} returned {shown}; expected a float64 array {expected}")
    odd = np.argwhere(~np.isfinite(built[features.lookback_bars - 1 :]))
    if odd.size:
        row, column = odd[0] + (features.lookback_bars - 1, 0)
        raise TrainingError(
            f"the feature set {named.name} returned {built[row, column]} for {features.columns[column]} on "
            f"{bars.dates[row]}, where its look-back of {features.lookback_bars} bars is full; raise lookback_bars, "
            "or give the feature a value there"
        )
    return built


def mean_learning_return(manifest: SeriesManifest, bars: Bars) -> float:
    """Return the mean target of a bundle's learning rows, the second naive predictor."""
    stop = len(bars) - manifest.test.rows
    return float(np.mean(next_gross_returns(bars.close)[stop - manifest.learning.rows : stop]))


def make_model(parameters: Parameters) -> Pipeline:
    """Return the unfitted model: degree-2 polynomial terms, then a regression tree."""
    regressor = DecisionTreeRegressor(**parameters)
    return Pipeline([(POLYNOMIAL, PolynomialFeatures(degree=DEGREE)), (TREE, regressor)])


def fit_model(learning: LearningRows, parameters: Parameters) -> tuple[StandardScaler, Pipeline]:
    """Return the scaler and the model, both fitted on all learning rows."""
    scaler = StandardScaler().fit(learning.features)
    return scaler, make_model(parameters).fit(scaler.transform(learning.features), learning.targets)


def train(bars: Bars, calendar: Calendar, recipe: Recipe, fit: Fit = fit_model) -> Trained:
    """Return a bundle trained on `bars` (consecutive sessions of `calendar`, oldest first).

    `fit` sees the learning rows and nothing else. The same bars, recipe and library versions give the same bytes.
    Raises `TrainingError`, and `EvaluationMismatch` if a feature reads more than its look-back.
    """
    feature_set, test_rows = recipe.feature_set.features, recipe.test_rows
    check_extent(bars, feature_set.lookback_bars, test_rows)
    features = build_features(recipe.feature_set, bars)
    learning = select_learning_rows(bars, features, feature_set.lookback_bars, test_rows)
    scaler, model = fit(learning, recipe.parameters)
    sealed = seal_model(scaler, model, list_features(feature_set))
    forecaster = Forecaster(History(bars, calendar), feature_set, sealed.model)
    check_windows(forecaster, bars.select(slice(-test_rows, None)), features[-test_rows:])
    tested = features[-test_rows:]
    stages = forecaster.predict(tested)
    guarantees = promise_outputs(sealed, list_features(feature_set), tested, stages)
    evaluation = record_evaluation(forecaster, bars, stages, [])
    files = {**sealed.files, **series_files(bars, evaluation)}
    manifest = describe_bundle(recipe, calendar, learning, evaluation, describe_estimator(scaler, model))
    promised = msgspec.structs.replace(
        manifest, predictor=sealed.predictor, guarantees=guarantees, trusted=dict(sealed.trusted)
    )
    return Trained(seal_manifest(promised, files), files, evaluation)


def series_files(bars: Bars, evaluation: Evaluation) -> dict[str, bytes]:
    """Return the files of a series beside those of its model."""
    return {BARS_FILE: write_price_csv(bars).encode(), EVALUATION_FILE: write_evaluation(evaluation).encode()}


def describe_bundle(
    recipe: Recipe, calendar: Calendar, learning: LearningRows, evaluation: Evaluation, estimator: list[Step]
) -> SeriesManifest:
    """Return the manifest of a bundle, not sealed yet."""
    named, features = recipe.feature_set, recipe.feature_set.features
    y_true, y_pred = evaluation.y_true[evaluation.realised], evaluation.y_pred[evaluation.realised]
    return SeriesManifest(
        schema_version=2,
        name=recipe.name,
        symbol=recipe.symbol,
        schema=SchemaEntry.describe(calendar, features.adjusts),
        feature_set=FeatureSetEntry(
            named.name, list(features.columns), features.lookback_bars, features.whole_history, named.source_sha256
        ),
        target="gross_return",
        horizon_bars=HORIZON_BARS,
        learning=_window(learning.bars.dates),
        test=_window(evaluation.dates),
        estimator=estimator,
        scores=compare_with_naive(y_true, y_pred, float(np.mean(learning.targets))),
        up_rate=up_rate(y_true),
        predictor="exact",
        guarantees={PREDICTION: BITS},
        evaluation=list(evaluation.columns),
        libraries=installed_libraries(),
        source=recipe.source,
        files={},
    )


def describe_estimator(scaler: StandardScaler, model: Pipeline) -> list[Step]:
    """Return the fitted steps in the order of use, with what each was really made with."""
    return [_describe_step(step) for step in (scaler, *(step for _, step in model.steps))]


def _describe_step(step: BaseEstimator) -> Step:
    parameters = {
        name: value if isinstance(value, int | float | str | None) else repr(value)
        for name, value in step.get_params(deep=False).items()
    }
    return Step(f"{type(step).__module__}.{type(step).__qualname__}", parameters)


def _window(dates: np.ndarray) -> Window:
    return Window(str(dates[0]), str(dates[-1]), dates.size)
