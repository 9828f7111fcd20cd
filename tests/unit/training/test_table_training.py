import csv
import io
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.scores import LabelScores, NumberScores
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.data.table_csv import RawTable, make_table
from lockstep.errors import InvalidInput, TrainingError
from lockstep.training.estimators import make_repeatable
from lockstep.training.table_columns import Typed
from lockstep.training.table_fit import as_matrix, fit_table
from lockstep.training.table_pipeline import build_pipeline, choose_estimator
from lockstep.training.table_rows import PreparedRows, TableRecipe, prepare_rows
from lockstep.training.table_training import train_table
from tests.small_tables import TARGET, load_saved, load_table, make_gaps, save_table

CHEAP = make_gaps().without("value")
VALUE = make_gaps().without("is_dear")
SHIPPED = {
    "iris": LogisticRegression(),
    "wine": LogisticRegression(),
    "breast-cancer": LogisticRegression(),
    "diabetes": DecisionTreeRegressor(max_depth=4),
}


def fit_default(prepared: PreparedRows) -> BaseEstimator:
    """Return the default model, fitted as training fits it, in fewer rounds."""
    estimator = choose_estimator(prepared.rows.schema, prepared.target.task)
    if "max_iter" in estimator.get_params():
        estimator.set_params(max_iter=20)
    unfitted, _ = make_repeatable(build_pipeline(estimator, prepared.rows))
    return fit_table(unfitted, prepared.learning, prepared.target.select(prepared.split.learning))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_table_trains_to_the_bit_and_beats_the_baseline(tmp_path: Path, name: str) -> None:
    folder = save_table(tmp_path, load_table(name), TableRecipe(name, TARGET, SHIPPED[name]))
    bundle = load_saved(folder)
    assert check_evaluation(bundle) == bundle.manifest.test_rows
    assert set(bundle.manifest.guarantees.values()) == {"bits"}
    model, baseline = bundle.manifest.scores.values()
    if isinstance(model, LabelScores) and isinstance(baseline, LabelScores):
        assert (model.macro_f1, model.log_loss or 0.0) > (0.9, 0.0)
        assert baseline.macro_f1 < 0.5
    else:
        assert isinstance(model, NumberScores)
        assert isinstance(baseline, NumberScores)
        assert model.mse < baseline.mse


@pytest.mark.parametrize(
    ("table", "target", "estimator"),
    [(CHEAP, "is_dear", LogisticRegression()), (VALUE, "value", Ridge()), (VALUE, "value", RandomForestRegressor(5))],
)
def test_gaps_and_categories_train_to_the_bit(
    tmp_path: Path, table: RawTable, target: str, estimator: BaseEstimator
) -> None:
    bundle = load_saved(save_table(tmp_path, table, TableRecipe("sales", target, estimator)))
    assert check_evaluation(bundle) == 60
    price, rooms, town = bundle.schema.columns
    assert (price.type, rooms.type, town.type) == ("number", "integer", "category")
    assert (price.takes_missing, town.takes_missing, town.refuses_unseen) == (True, True, False)
    assert town.categories == ("Bath", "Hull", "York")


def test_the_evaluation_holds_the_keys_the_truth_the_answers_and_the_stages() -> None:
    trained = train_table(load_table("iris"), TableRecipe("iris", TARGET, LogisticRegression()))
    header, *rows = csv.reader(io.StringIO(trained.files["evaluation.csv"].decode()))
    classes = ["setosa", "versicolor", "virginica"]
    assert trained.manifest.classes == classes
    assert header == ["row_id", "y_true", "y_pred", *(f"proba:{label}" for label in classes), "encoded", "decision"]
    table = load_table("iris")
    assert [row[1] for row in rows] == [table.column(TARGET)[int(row[0])] for row in rows]
    cells = list(csv.DictReader(io.StringIO(trained.files["rows.csv"].decode())))
    assert [row["row_id"] for row in cells] == [row[0] for row in rows]
    assert [row["sepal length"] for row in cells] == [table.columns[0][int(row[0])] for row in rows]


def test_the_same_table_gives_the_same_bytes() -> None:
    recipe = TableRecipe("sales", "value", Ridge())
    first, second = (train_table(VALUE, recipe) for _ in range(2))
    assert first.files == second.files
    assert first.manifest.digest == second.manifest.digest
    assert first.notes == second.notes


def test_the_model_sees_no_held_out_row() -> None:
    table = load_table("diabetes")
    recipe = TableRecipe("d", TARGET, DecisionTreeRegressor(max_depth=4))
    held_out = [int(key) for key in train_table(table, recipe).evaluation.keys]
    changed = make_table(dict(zip(table.names, [list(cells) for cells in table.columns], strict=True)))
    for row in held_out:
        changed.columns[-1][row] = "9999"
    first, second = (train_table(each, recipe).files["exact.msgpack"] for each in (table, changed))
    assert first == second


def test_the_default_takes_gaps_and_categories_as_they_are() -> None:
    prepared = prepare_rows(CHEAP, TableRecipe("sales", "is_dear"))
    model = fit_default(prepared)
    assert type(model[-1]).__name__ == "HistGradientBoostingClassifier"
    assert model[-1].is_categorical_.tolist() == [True, False, False]
    rows = as_matrix(prepared.rows.select(slice(1)))
    for place, cell in ((0, np.nan), (2, None), (2, "never seen")):
        rows[0, place] = cell
        assert model.predict(rows).shape == (1,)


def test_the_default_of_text_is_linear() -> None:
    words = ["good film", "bad plot", "fine cast", "dull end"] * 10
    table = make_table({"words": words, "label": ["up", "down"] * 20})
    prepared = prepare_rows(table, TableRecipe("reviews", "label", typed=Typed(texts=["words"])))
    model = fit_default(prepared)
    assert type(model[-1]).__name__ == "LogisticRegression"
    assert model.predict(as_matrix(prepared.rows.select(slice(2)))).tolist() == ["up", "down"]


def test_keys_are_the_cells_of_the_named_column() -> None:
    table = make_table({"key": [f"k{row}" for row in range(40)], "a": list(range(40)), "y": [0.5, 1.5] * 20})
    trained = train_table(table, TableRecipe("t", "y", DecisionTreeRegressor(max_depth=4), row_id="key"))
    assert trained.evaluation.keys[0].startswith("k")
    assert trained.manifest.row_id == "key"
    assert [column.name for column in trained.manifest.schema.columns] == ["a"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [(["a", "a"], "row 0, key: the key 'a' is there twice"), (["a", None], "row 1, key: the key is missing")],
)
def test_keys_have_to_be_different(keys: list[str | None], message: str) -> None:
    table = make_table({"key": keys, "a": [1, 2], "y": [0.5, 1.5]})
    with pytest.raises(InvalidInput, match=message):
        train_table(table, TableRecipe("t", "y", DecisionTreeRegressor(max_depth=4), row_id="key"))


def test_a_column_with_the_name_of_the_keys_is_the_key_or_refused() -> None:
    table = make_table({"row_id": range(40), "width": range(40), "hue": ["red", "blue"] * 20})
    with pytest.raises(TrainingError, match="the column row_id has the name of the keys"):
        prepare_rows(table, TableRecipe("hues", "hue"))
    assert prepare_rows(table, TableRecipe("hues", "hue", row_id="row_id")).rows.schema.names == ["width"]


def test_a_table_of_the_target_alone_is_refused() -> None:
    with pytest.raises(TrainingError, match="there is no column beside y"):
        train_table(make_table({"y": [0.5, 1.5] * 20}), TableRecipe("t", "y", DecisionTreeRegressor(max_depth=4)))


def test_an_estimator_of_another_task_is_refused() -> None:
    with pytest.raises(TrainingError, match="Ridge is for regression, not for classification"):
        train_table(CHEAP, TableRecipe("t", "is_dear", Ridge(), task="classification"))
    with pytest.raises(TrainingError, match="StandardScaler is neither a classifier nor a regressor"):
        train_table(CHEAP, TableRecipe("t", "is_dear", StandardScaler()))


def strict() -> Pipeline:
    """Return a model that takes neither gaps nor unseen categories."""
    columns = ColumnTransformer([("numbers", StandardScaler(), [0]), ("towns", OneHotEncoder(), [1])])
    return Pipeline([("columns", columns), ("estimator", LogisticRegression())])


def towns(n_rows: int = 60) -> dict[str, list[object]]:
    price: list[object] = [float(row % 17) + 0.5 for row in range(n_rows)]
    town: list[object] = ["Bath" if row % 3 else "York" for row in range(n_rows)]
    return {"price": price, "town": town, "y": ["a" if row % 2 else "b" for row in range(n_rows)]}


def test_what_the_model_takes_is_found_by_trying() -> None:
    schema = train_table(make_table(towns()), TableRecipe("t", "y", strict())).manifest.schema
    assert [column.takes_missing for column in schema.columns] == [False, False]
    assert [column.refuses_unseen for column in schema.columns] == [False, True]


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("price", None, "the column price is empty in 1 test row"),
        ("town", "Hull", r"test row \d+, town: 'Hull' is none of the learned categories"),
    ],
)
def test_a_held_out_row_that_the_model_does_not_take_is_refused(column: str, cell: str | None, message: str) -> None:
    recipe = TableRecipe("t", "y", strict())
    row = int(train_table(make_table(towns()), recipe).evaluation.keys[0])
    columns = towns()
    columns[column][row] = cell
    with pytest.raises(TrainingError, match=message):
        train_table(make_table(columns), recipe)


def test_a_gap_in_a_text_is_refused() -> None:
    words: list[object] = [f"word {row}" for row in range(40)]
    words[3] = None
    table = make_table({"words": words, "y": ["a", "b"] * 20})
    with pytest.raises(InvalidInput, match="row 3, words: the text is missing"):
        train_table(table, TableRecipe("t", "y"))


def test_what_scikit_learn_refuses_is_a_training_error() -> None:
    gaps = towns()
    gaps["price"][0:30] = [None] * 30
    with pytest.raises(TrainingError, match=r"cannot be fitted: (.|\n)*NaN"):
        train_table(make_table(gaps), TableRecipe("t", "y", strict()))


def test_the_fitted_objects_are_listed_in_the_order_of_use() -> None:
    trained = train_table(make_table(towns()), TableRecipe("t", "y", strict()))
    assert [step.estimator.rpartition(".")[2] for step in trained.manifest.estimator] == [
        "StandardScaler",
        "OneHotEncoder",
        "LogisticRegression",
    ]
    assert sum(trained.manifest.learned_target) == pytest.approx(1.0)


def test_whole_labels_stay_whole() -> None:
    columns = towns()
    columns["y"] = [row % 2 for row in range(60)]
    trained = train_table(make_table(columns), TableRecipe("t", "y", strict()))
    assert trained.manifest.classes == [0, 1]
    assert trained.evaluation.y_pred.dtype == np.int64


FAST = {"max_iter": 4, "random_state": 1}  # the default takes 100 rounds


@pytest.mark.parametrize(
    ("table", "target", "estimator"),
    [
        (CHEAP, "is_dear", HistGradientBoostingClassifier(**FAST)),
        (VALUE, "value", HistGradientBoostingRegressor(**FAST)),
        (load_table("wine"), TARGET, HistGradientBoostingClassifier(**FAST)),
    ],
)
def test_the_default_trains_to_the_bit(tmp_path: Path, table: RawTable, target: str, estimator: BaseEstimator) -> None:
    folder = save_table(tmp_path, table, TableRecipe("boosted", target, estimator))
    bundle = load_saved(folder)
    assert (bundle.manifest.predictor, set(bundle.manifest.guarantees.values())) == ("exact", {"bits"})
    assert check_evaluation(bundle) == bundle.manifest.test_rows
    if not bundle.manifest.classes:  # probabilities of an exponential of our own may be a bit from scikit-learn's
        assert check_evaluation(load_bundle(folder, runs="pickles")) == bundle.manifest.test_rows


@pytest.mark.usefixtures("measured_once")
def test_text_is_predicted_by_scikit_learn_with_a_measured_guarantee(tmp_path: Path) -> None:
    words = [
        f"{tone} {noun}" for tone in ("good", "fine", "bad", "dull") for noun in ("film", "plot", "cast", "end")
    ] * 3
    labels = [("up" if place % 16 < 8 else "down") for place in range(48)]
    table = make_table({"words": words, "label": labels})
    bundle = load_saved(save_table(tmp_path, table, TableRecipe("reviews", "label", typed=Typed(texts=["words"]))))
    assert (bundle.manifest.predictor, bundle.manifest.guarantees["prediction"]) == ("scikit-learn", "labels")
    assert bundle.manifest.guarantees["proba"].startswith("tolerance ")
    assert bundle.manifest.stages == ("proba", "prediction")
    assert check_evaluation(bundle) == 12
