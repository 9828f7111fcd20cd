import csv
import hashlib
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from lockstep.data.table_csv import RawTable
from lockstep.errors import InvalidInput, TrainingError
from tests.small_tables import load_saved, load_table, make_gaps
from tests.unit.cli.conftest import Run

TREE = "sklearn.tree:DecisionTreeRegressor(max_depth=3)"


def write(path: Path, table: RawTable) -> Path:
    """Write a table as a CSV file."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.names)
        writer.writerows(zip(*([cell or "" for cell in column] for column in table.columns), strict=True))
    return path


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    return write(tmp_path / "iris.csv", load_table("iris"))


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return write(tmp_path / "sales.csv", make_gaps().without("is_dear"))


def test_a_table_is_trained_evaluated_verified_and_listed(tmp_path: Path, iris: Path, run: Run) -> None:
    out = tmp_path / "models" / "iris"
    trained = run("train-table", iris, "--target", "target", "--out", out, "--estimator", "logistic")
    assert trained.exit_code == 0
    for line in (
        "target    target: classification, 3 different texts",
        "columns   number: sepal length, sepal width, petal length, petal width",
        "model     LogisticRegression, predicted by its exact form; guaranteed: proba bits, prediction bits",
        "set       estimator__random_state=1",
        "learning  112 rows",
        "test      38 rows, seed 1: their cells ship with the bundle, in rows.csv; --evaluation-rows bounds them",
    ):
        assert line in trained.stdout.splitlines()
    picture = tmp_path / "iris.png"
    evaluated = run("evaluate", out, "--picture", picture).stdout
    assert "most frequent label" in evaluated
    assert "iris: probability of the top class, test rows" in evaluated
    tables = json.loads(run("evaluate", out, "--json").stdout)["reliability"]
    assert [table["label"] for table in tables] == [None, "setosa", "versicolor", "virginica"]
    assert {sum(each["rows"] for each in table["bins"]) for table in tables} == {38}
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "38 rows recomputed" in run("verify", out).stdout
    shown = run("models", "--models", out.parent, "show", "iris").stdout
    assert re.search(r"^schema\.columns\.sepal length +number, minimum 4\.3, maximum 7\.9$", shown, re.M)
    listed = run("models", "--models", out.parent).stdout
    assert "accuracy 0.9" in listed


def test_numbers_are_evaluated_and_two_versions_compared(tmp_path: Path, sales: Path, run: Run) -> None:
    out = tmp_path / "models" / "sales"
    for estimator in ("ridge", TREE):
        arguments = ("--target", "value", "--estimator", estimator, "--seed", 3, "--evaluation-rows", 20)
        assert run("train-table", sales, "--out", out, *arguments).exit_code == 0
    evaluated = json.loads(run("evaluate", out / "2", "--json").stdout)
    assert [each["level"] for each in evaluated["intervals"]] == [50, 80, 90, 95]
    assert "reliability" not in evaluated
    scores = evaluated["scores"]
    assert scores["model"]["r2"] > 0.2 > scores["mean of learning rows"]["r2"]
    assert scores == json.loads(json.dumps(json.loads((out / "2" / "manifest.json").read_text())["scores"]))
    printed = run("evaluate", out, "--picture", tmp_path / "sales.png").stdout
    assert "sales: split-conformal intervals, percent of rows in them" in printed
    assert re.search(r"│ 95 +│ +[\d.]+ +│ +8\d–100 │ +- │ +- │", printed)  # which ten rows do not give
    differences = run("models", "--models", out.parent, "diff", "sales", 1, 2).stdout
    assert "answers: 20 of 20 row_ids that both evaluations have differ" in differences
    assert load_saved(out / "1").manifest.test_rows == 20


def test_columns_may_be_said_to_be_categories(tmp_path: Path, sales: Path, run: Run) -> None:
    arguments = ("--target", "value", "--estimator", "ridge", "--category", "rooms", "--json")
    answered = run("train-table", sales, "--out", tmp_path / "models" / "s", *arguments).stdout
    price, rooms, _ = json.loads(answered)["manifest"]["schema"]["columns"]
    assert (price["type"], rooms["type"], rooms["categories"]) == ("number", "category", ["1", "2", "3", "4", "5", "6"])


def test_a_short_name_is_of_the_kind_that_the_target_needs(tmp_path: Path, sales: Path, run: Run) -> None:
    arguments = ("--target", "rooms", "--estimator", "tree", "--json")
    as_labels = run("train-table", sales, "--out", tmp_path / "a" / "m", *arguments).stdout
    as_numbers = run("train-table", sales, "--out", tmp_path / "b" / "m", *arguments, "--task", "regression").stdout
    classes = [json.loads(answered)["manifest"]["classes"] for answered in (as_labels, as_numbers)]
    assert classes == [[1, 2, 3, 4, 5, 6], []]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("--target", "price"), InvalidInput, r"line 2, price: the target is missing"),
        (("--target", "none"), TrainingError, "there is no column 'none'; the columns are price, rooms, town, value"),
        (("--target", "value", "--test-share", 2), TrainingError, "the share of test rows is 2.0"),
        (("--target", "value", "--id", "town"), InvalidInput, "line 3, town: the key is missing"),
        (("--target", "value", "--estimator", "logistic"), TrainingError, "LogisticRegression is no regressor"),
        (("--target", "value", "--estimator", "os:system"), TrainingError, "os:system is not of scikit-learn"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, sales: Path, run: Run, arguments: tuple[object, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run("train-table", sales, "--out", tmp_path / "models" / "sales", *arguments)
    assert not (tmp_path / "models" / "sales").exists()


def test_a_column_that_is_dropped_is_not_read(tmp_path: Path, iris: Path, run: Run) -> None:
    out, dropped = tmp_path / "iris", ("--drop", "petal length", "--drop", "petal width")
    trained = run("train-table", iris, "--target", "target", "--out", out, "--estimator", "logistic", *dropped)
    assert "columns   number: sepal length, sepal width" in trained.stdout.splitlines()
    source = load_saved(out / "1").manifest.source
    assert source is not None
    assert source.sha256 == hashlib.sha256(iris.read_bytes()).hexdigest()
    with pytest.raises(TrainingError, match="there is no column 'petals'; the columns are sepal length"):
        run("train-table", iris, "--target", "target", "--out", out, "--drop", "petals")


@pytest.mark.parametrize("fault", ["index", "semicolons", "latin-1"])
def test_what_the_line_of_pandas_writes_is_trained_on(
    fault: str, iris: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    flowers = pd.read_csv(iris)
    if fault == "latin-1":
        flowers["target"] = flowers["target"].str.replace("setosa", "sétosa")
    german = {"sep": ";", "decimal": ","} if fault == "semicolons" else {}
    flowers.to_csv(iris, encoding=fault if fault == "latin-1" else "utf-8", index=fault != "latin-1", **german)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    arguments = ("--target", "target", "--out", "m", "--estimator", "logistic")
    with pytest.raises(InvalidInput) as refused:
        run("train-table", "../iris.csv", *arguments)
    exec(refused.value.advice.partition(", in pandas: ")[2], {"pd": pd})  # noqa: S102 -- the line that the hint gives
    trained = run("train-table", "../iris.clean.csv", *arguments)
    assert "columns   number: sepal length, sepal width, petal length, petal width" in trained.stdout.splitlines()
