"""Fitted models sealed as bundles of tables."""

import csv
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from lockstep.applications import read_application
from lockstep.bundles.dumping import dump_objects
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.trusted import load_trusted
from lockstep.cli.import_model import import_model as command
from lockstep.data.table_csv import RawTable, parse_table_csv
from lockstep.errors import InvalidBundle, TrainingError
from lockstep.training.import_table import import_model
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_split import Holdout
from tests.unit.bundles.fitted_models import NAMES, NUMBERS

COLUMNS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
RECIPE = TableRecipe("iris", "species", row_id="plant")


def write_rows(path: Path, columns: tuple[str, ...] = COLUMNS) -> RawTable:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["plant", *columns, "species"])
        order = [COLUMNS.index(name) for name in columns]
        for place, (row, name) in enumerate(zip(NUMBERS.tolist(), NAMES.tolist(), strict=True)):
            writer.writerow([f"plant{place}", *(row[i] for i in order), name])
    return parse_table_csv(path.read_text(), path.name)


@pytest.fixture
def table(tmp_path: Path) -> RawTable:
    return write_rows(tmp_path / "rows.csv")


def test_an_imported_model_answers_as_its_own_predict(table: RawTable, tmp_path: Path) -> None:
    fitted = DecisionTreeClassifier(max_depth=3, random_state=1).fit(NUMBERS, NAMES)
    sealed = import_model(fitted, table, RECIPE)
    manifest = sealed.manifest
    assert (manifest.predictor, manifest.guarantees) == ("exact", {"proba": "bits", "prediction": "bits"})
    assert (manifest.learning_rows, manifest.test_rows) == (0, 150)
    loaded = load_bundle(save_bundle(tmp_path / "models" / "iris", manifest, dict(sealed.files)))
    assert check_evaluation(loaded) == 150
    stages = loaded.predict_evaluated().stages
    assert np.array_equal(stages["prediction"], fitted.predict(NUMBERS))
    assert np.array_equal(stages["proba"], fitted.predict_proba(NUMBERS))


def test_a_model_that_was_fitted_on_a_frame_reads_its_columns_in_its_order(tmp_path: Path) -> None:
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(
        pd.DataFrame(NUMBERS, columns=list(COLUMNS)), NAMES
    )
    sealed = import_model(fitted, write_rows(tmp_path / "rows.csv", COLUMNS[::-1]), RECIPE)
    assert tuple(sealed.manifest.schema.names) == COLUMNS
    assert (
        sealed.evaluation.cells["y_pred"].tolist()
        == fitted.predict(pd.DataFrame(NUMBERS, columns=list(COLUMNS))).tolist()
    )


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(),
        OneHotEncoder(handle_unknown="ignore"),
        make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()),
    ],
    ids=["as a category", "or as none", "filled"],
)
def test_missing_text_is_what_pandas_reads_it_as(tmp_path: Path, encoder: Any) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("deck,fare\n" + "a,1\n,5\nb,3\n" * 8)
    frame = pd.read_csv(path)
    fitted = make_pipeline(ColumnTransformer([("deck", encoder, ["deck"])]), DecisionTreeRegressor(random_state=1))
    fitted.fit(frame[["deck"]], frame["fare"])
    sealed = import_model(fitted, parse_table_csv(path.read_text(), path.name), TableRecipe("fares", "fare"))
    assert sealed.manifest.schema.columns[0].takes_missing
    assert sealed.manifest.guarantees == {"prediction": "bits"}
    assert sealed.evaluation.y_pred.tolist() == fitted.predict(frame[["deck"]]).tolist()


def test_no_more_rows_are_sealed_than_asked_for(table: RawTable) -> None:
    fitted = DecisionTreeClassifier(max_depth=2).fit(NUMBERS, NAMES)
    first, again = (
        import_model(fitted, table, TableRecipe("iris", "species", row_id="plant", holdout=Holdout(max_rows=20)))
        for _ in "ab"
    )
    assert first.manifest.test_rows == 20
    assert first.files == again.files


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (COLUMNS[:3], "the model reads 4 columns; the table has 3: sepal_length, sepal_width, petal_length"),
        ((), "the model reads 4 columns; the table has 0"),
    ],
)
def test_rows_of_other_columns_are_refused(columns: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    fitted = DecisionTreeClassifier().fit(NUMBERS, NAMES)
    with pytest.raises(TrainingError, match=reason):
        import_model(fitted, write_rows(tmp_path / "rows.csv", columns), RECIPE)


def test_rows_without_a_column_that_the_model_names_are_refused(tmp_path: Path) -> None:
    fitted = DecisionTreeClassifier().fit(pd.DataFrame(NUMBERS, columns=["a", "b", "c", "d"]), NAMES)
    with pytest.raises(TrainingError, match="the model reads the columns a, b, c, d; the table has sepal_length, "):
        import_model(fitted, write_rows(tmp_path / "rows.csv"), RECIPE)


def run_import(tmp_path: Path, fitted: Any, *options: str, answer: str = "") -> Any:
    joblib.dump(fitted, tmp_path / "model.joblib")
    write_rows(tmp_path / "rows.csv")
    paths = [str(tmp_path / "model.joblib"), str(tmp_path / "rows.csv")]
    named = ["--target", "species", "--id", "plant", "--out", str(tmp_path / "iris")]
    return CliRunner().invoke(command, [*paths, *named, *options], input=answer)


def test_the_command_shows_the_digest_and_asks(tmp_path: Path) -> None:
    fitted = DecisionTreeClassifier(max_depth=3, random_state=1).fit(NUMBERS, NAMES)
    refused = run_import(tmp_path, fitted, answer="n\n")
    assert refused.exit_code == 1
    assert "SHA-256" in refused.stderr
    assert not (tmp_path / "iris").exists()
    done = run_import(tmp_path, fitted, answer="y\n")
    assert done.exit_code == 0, done.output
    assert "DecisionTreeClassifier, predicted by its exact form" in done.stdout
    assert (tmp_path / "iris" / "1" / "manifest.json").is_file()


def test_the_command_refuses_another_file_than_named(tmp_path: Path) -> None:
    done = run_import(tmp_path, GaussianNB().fit(NUMBERS, NAMES), "--sha256", "0" * 64)
    assert "has SHA-256" in str(done.exception)
    assert not (tmp_path / "iris").exists()


@pytest.mark.usefixtures("measured_once")
def test_a_model_without_an_exact_form_is_promised_what_was_measured(table: RawTable) -> None:
    sealed = import_model(GaussianNB().fit(NUMBERS, NAMES), table, RECIPE)
    assert sealed.manifest.predictor == "scikit-learn"
    assert sealed.manifest.guarantees["prediction"] == "labels"


def test_cells_of_text_go_through_the_encoder_that_the_frame_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"color": ["red", "blue", "red", "green"] * 5, "size": np.arange(20.0)})
    target = np.arange(20.0) * 2 + 1
    columns = ColumnTransformer([("color", OneHotEncoder(handle_unknown="ignore"), ["color"])], remainder="passthrough")
    fitted = make_pipeline(columns, Ridge()).fit(frame, target)
    text = "color,size,price\n" + "".join(
        f"{color},{size},{price}\n" for color, size, price in zip(frame["color"], frame["size"], target, strict=True)
    )
    sealed = import_model(
        pickle.loads(pickle.dumps(fitted)), parse_table_csv(text, "rows.csv"), TableRecipe("x", "price")
    )
    expected = fitted.predict(frame)
    assert np.allclose(sealed.evaluation.cells["y_pred"], expected, rtol=1e-12, atol=0.0)


STEPS = """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

class Clip(TransformerMixin, BaseEstimator):
    def __init__(self, most=3.0):
        self.most = most

    def fit(self, rows, target=None):
        self.n_features_in_ = rows.shape[1]
        return self

    def transform(self, rows):
        return np.minimum(rows, self.most)
"""


@pytest.mark.usefixtures("measured_once")
def test_a_class_of_the_application_is_imported_served_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "preprocessing").mkdir()
    (tmp_path / "preprocessing" / "steps.py").write_text(STEPS)
    (tmp_path / "lockstep.toml").write_text('trusted = ["preprocessing/steps.py:Clip"]\n')
    monkeypatch.chdir(tmp_path)
    clip = load_trusted(["preprocessing/steps.py:Clip"], read_application(tmp_path)).objects
    kind: Any = clip["preprocessing/steps.py:Clip"]
    fitted = make_pipeline(kind(), LogisticRegression()).fit(NUMBERS, NAMES)
    (tmp_path / "model.pkl").write_bytes(dump_objects(fitted, clip)[0])
    write_rows(tmp_path / "rows.csv")
    options = ["--target", "species", "--id", "plant", "--out", "models/iris", "--yes"]
    done = CliRunner().invoke(command, ["model.pkl", "rows.csv", *options])
    assert done.exit_code == 0, done.output
    assert "trusted   preprocessing/steps.py:Clip, code of the application" in done.stdout
    loaded = load_bundle(tmp_path / "models" / "iris" / "1")
    assert list(loaded.manifest.trusted) == ["preprocessing/steps.py:Clip"]
    assert loaded.warnings[0].startswith("runs preprocessing/steps.py:Clip, code of the application")
    assert check_evaluation(loaded) == 150
    (tmp_path / "lockstep.toml").write_text("")
    with pytest.raises(InvalidBundle, match=r"trusts nothing; if you trust its code"):
        load_bundle(tmp_path / "models" / "iris" / "1")


def test_a_file_that_holds_no_estimator_is_refused(tmp_path: Path) -> None:
    refused = run_import(tmp_path, {"model": [1, 2]}, "--yes")
    assert "holds a dict, which does not predict; dump the fitted estimator or Pipeline" in str(refused.exception)
