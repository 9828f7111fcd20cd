"""Series of other targets, horizons and estimators than the default's, from training to the answer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeClassifier

from lockstep.applications import find_application
from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from lockstep.bundles.reading import load_series
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.scores import LabelScores
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.data.calendar import Calendar
from lockstep.data.price_csv import write_price_csv
from lockstep.errors import ForbiddenPickle, InvalidBundle, TrainingError
from lockstep.features.feature_set import FeatureSet, NamedFeatureSet
from lockstep.training.estimators import CLASSIFIER
from lockstep.training.evaluation import evaluate
from lockstep.training.named_targets import load_target
from lockstep.training.picture import draw_evaluation
from lockstep.training.recipe import Recipe
from lockstep.training.training import train
from qa.servers import ROOT

TrainWith = Callable[..., SeriesBundle]
HORIZON, TEST_ROWS = 5, 120


@pytest.fixture
def train_with(bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path: Path) -> TrainWith:
    """Train the tiny bundle in another way, and load it as a service does."""

    def make(**changes: object) -> SeriesBundle:
        trained = train(bars, calendar, msgspec.structs.replace(recipe, **changes))
        return load_series(save_bundle(tmp_path / "tiny", trained.manifest, trained.files))

    return make


def target(name: str, horizon_bars: int) -> Any:
    return load_target(name, horizon_bars, find_application(ROOT))


def test_a_return_some_bars_ahead_is_forecast_and_dated(train_with: TrainWith) -> None:
    bundle = train_with(target=target("return", HORIZON), estimator=Ridge())
    assert (bundle.manifest.target, bundle.manifest.horizon_bars, bundle.manifest.naive) == ("return", HORIZON, 1.0)
    evaluation, close = bundle.evaluation, bundle.bars.close
    first = len(close) - TEST_ROWS
    assert evaluation.y_true[:-HORIZON].tolist() == (close[first + HORIZON :] / close[first:-HORIZON]).tolist()
    assert np.isnan(evaluation.y_true[-HORIZON:]).all()
    forecast_dates = evaluation.cells["forecast_date"]
    assert forecast_dates[:-HORIZON].tolist() == bundle.bars.dates[first + HORIZON :].tolist()
    assert (forecast_dates[-HORIZON:] > bundle.bars.dates[-1]).all()
    assert check_evaluation(bundle) == TEST_ROWS


def test_no_learning_target_reads_beyond_the_first_test_bar(
    bars: Bars, calendar: Calendar, recipe: Recipe, train_with: TrainWith
) -> None:
    asked = msgspec.structs.replace(recipe, target=target("return", HORIZON), estimator=Ridge())
    values = bars.values.copy()
    values[:4, -TEST_ROWS + 1 :] *= 2.0
    changed, same = train(Bars(bars.dates, values), calendar, asked), train(bars, calendar, asked)
    assert [changed.files[name] for name in (SCALER_FILE, MODEL_FILE)] == [
        same.files[SCALER_FILE],
        same.files[MODEL_FILE],
    ]
    values[:4, -TEST_ROWS] *= 1.01
    assert train(Bars(bars.dates, values), calendar, asked).files[MODEL_FILE] != same.files[MODEL_FILE]
    learning = same.manifest.learning
    assert (learning.last, learning.rows) == (
        str(bars.dates[-TEST_ROWS - HORIZON]),
        len(bars) - TEST_ROWS - (HORIZON - 1) - 199,
    )


def test_a_direction_is_classified_and_scored_beside_the_most_frequent_label(train_with: TrainWith) -> None:
    bundle = train_with(target=target("direction", 2), estimator=LogisticRegression())
    manifest, evaluation = bundle.manifest, bundle.evaluation
    assert (manifest.classes, manifest.naive in manifest.classes) == (["down", "up"], True)
    close, first = bundle.bars.close, len(bundle.bars) - TEST_ROWS
    rose = (close[first + 2 :] > close[first:-2]).tolist()
    assert evaluation.y_true.tolist() == [*("up" if up else "down" for up in rose), "", ""]
    assert manifest.up_rate == np.mean(rose)
    assert list(manifest.scores) == ["model", "most frequent label"]
    model = manifest.scores["model"]
    assert isinstance(model, LabelScores)
    assert model.accuracy == np.mean(evaluation.y_pred[:-2] == evaluation.y_true[:-2])
    up = evaluation.cells["proba:up"] > 0.5
    squares = (evaluation.cells["proba:up"][:-2] - (evaluation.y_true[:-2] == "up")) ** 2
    assert model.brier == pytest.approx(2.0 * squares.mean())
    assert evaluation.y_pred.tolist() == ["up" if each else "down" for each in up]
    assert check_evaluation(bundle) == TEST_ROWS


def test_the_default_model_of_labels_is_a_tree_too(recipe: Recipe) -> None:
    assert type(recipe.make(CLASSIFIER).model[-1]) is DecisionTreeClassifier


@pytest.mark.parametrize(
    ("changes", "files", "steps"),
    [
        ({"estimator": Ridge()}, True, ["StandardScaler", "Ridge"]),
        ({"estimator": Ridge(), "scaler": MinMaxScaler()}, True, ["MinMaxScaler", "Ridge"]),
        ({"estimator": Ridge(), "scaler": None}, False, ["Ridge"]),
        ({"estimator": Pipeline([("s", StandardScaler()), ("r", Ridge())])}, False, ["StandardScaler", "Ridge"]),
    ],
)
def test_a_scaler_stands_before_the_model_or_inside_it(
    train_with: TrainWith, changes: dict[str, object], files: bool, steps: list[str]
) -> None:
    manifest = train_with(**changes).manifest
    assert (SCALER_FILE in manifest.files) == files
    assert [step.estimator.rpartition(".")[2] for step in manifest.estimator] == steps


def test_ones_own_target_is_scored_beside_its_mean(train_with: TrainWith, tmp_path: Path) -> None:
    folder = tmp_path / "application"
    folder.mkdir()
    (folder / "lockstep.toml").touch()
    source = "import numpy as np\n\n\ndef ahead(bars, horizon):\n    ranges = np.full(len(bars), np.nan)\n"
    source += "    ranges[:-horizon] = (bars.high - bars.low)[horizon:]\n    return ranges\n"
    (folder / "own.py").write_text(source)
    own = load_target("own.py:ahead", 3, find_application(folder))
    bundle = train_with(target=own, estimator=Ridge())
    assert (bundle.manifest.target, bundle.manifest.up_rate) == ("own.py:ahead", None)
    assert list(bundle.manifest.scores) == ["model", "mean of learning rows"]
    assert evaluate(bundle, own).y_pred.tobytes() == bundle.evaluation.y_pred.tobytes()
    assert draw_evaluation(bundle.evaluation, bundle.manifest, bundle.manifest.scores).axes


@pytest.mark.parametrize(
    ("changes", "error", "reason"),
    [
        ({"estimator": LogisticRegression()}, TrainingError, "LogisticRegression is no regressor"),
        ({"estimator": StandardScaler()}, TrainingError, "StandardScaler is no regressor"),
        ({"estimator": Ridge(alpha=-1.0)}, TrainingError, "Ridge cannot be fitted: The 'alpha' parameter"),
        ({"estimator": type("Mine", (Ridge,), {})()}, ForbiddenPickle, "Mine"),
    ],
)
def test_what_cannot_be_trained_or_sealed_is_refused_at_training(
    train_with: TrainWith, changes: dict[str, object], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        train_with(**changes)


@pytest.mark.usefixtures("measured_once")
def test_of_a_series_that_scikit_learn_predicts_features_and_outputs_are_kept(train_with: TrainWith) -> None:
    bundle = train_with(estimator=SVR())
    assert (bundle.manifest.predictor, list(bundle.manifest.guarantees)) == ("scikit-learn", ["prediction"])
    assert bundle.manifest.guarantees["prediction"].startswith("tolerance")
    assert bundle.manifest.stages == ("features", "scale", "half_width", "prediction")
    assert check_evaluation(bundle) == TEST_ROWS


def test_a_picture_of_labels_counts_the_pairs(train_with: TrainWith) -> None:
    bundle = train_with(target=target("direction", 1), estimator=LogisticRegression())
    counts, accuracy, _ = draw_evaluation(bundle.evaluation, bundle.manifest, bundle.manifest.scores).axes
    assert sum(int(text.get_text()) for text in counts.texts) == TEST_ROWS - 1
    assert [label.get_text() for label in accuracy.get_yticklabels()] == list(bundle.manifest.scores)


def price_ranges(bars: Bars) -> Any:
    return np.column_stack([bars.high / bars.low, bars.close / bars.open])


def test_a_model_of_prices_alone_stores_and_asks_for_no_volume(
    bars: Bars, calendar: Calendar, recipe: Recipe, tmp_path: Path
) -> None:
    features = FeatureSet(("range", "body"), 1, price_ranges, reads_volume=False)
    found = NamedFeatureSet("prices", features, (), "")
    priced = Bars(bars.dates, bars.values[:4])
    trained = train(priced, calendar, msgspec.structs.replace(recipe, feature_set=found))
    folder = save_bundle(tmp_path / "priced", trained.manifest, trained.files)
    assert (folder / "bars.csv").read_text().startswith("date,open,high,low,close\n")
    assert json.loads((folder / "manifest.json").read_text())["schema"]["reads_volume"] is False
    bundle = load_series(folder, lambda _: found)
    assert check_evaluation(bundle) == TEST_ROWS
    with pytest.raises(InvalidBundle, match="is not the one trained with"):
        load_series(folder, lambda _: NamedFeatureSet("prices", FeatureSet(("range", "body"), 1, price_ranges), (), ""))
    assert write_price_csv(priced).encode() == trained.files["bars.csv"]
