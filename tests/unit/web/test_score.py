"""`POST /score` and `GET /swagger.json` as the clients of Azure ML call them."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from sklearn import datasets
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

from lockstep.data.table_csv import make_table
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from tests.small_tables import load_saved, make_gaps, save_table

COLUMNS = ("mean_radius", "mean_texture", "mean_perimeter", "mean_area")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    loaded = datasets.load_breast_cancer()
    columns = dict(zip(COLUMNS, loaded.data.T.tolist(), strict=False))
    table = make_table({**columns, "diagnosis": loaded.target_names[loaded.target].tolist()})
    recipe = TableRecipe("breast-cancer", "diagnosis", DecisionTreeClassifier(max_depth=3, random_state=1))
    return save_table(tmp_path_factory.mktemp("m"), table, recipe)


@pytest.fixture(scope="module")
def cancer(folder: Path) -> FlaskClient:
    return create_app(Settings(models=(folder.parent,), max_rows=1000, rate_limit=None)).test_client()


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A service of a regression, which has no probabilities, of columns of several kinds."""
    saved = save_table(
        tmp_path_factory.mktemp("m"), make_gaps().without("is_dear"), TableRecipe("sales", "value", LinearRegression())
    )
    return create_app(Settings(models=(saved.parent,), rate_limit=None)).test_client()


def post(client: FlaskClient, body: object, content_type: str | None = "application/json") -> Any:
    return client.post("/score", data=json.dumps(body), content_type=content_type)


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", None])
def test_rows_are_answered_with_the_evaluation(cancer: FlaskClient, folder: Path, content_type: str | None) -> None:
    bundle = load_saved(folder)
    rows = [list(row) for row in zip(*(column.tolist() for column in bundle.held_out.rows.columns), strict=True)]
    stages = bundle.predict_evaluated().stages
    assert post(cancer, {"data": rows}, content_type).get_json() == bundle.evaluation.y_pred.tolist()
    answer = post(cancer, {"data": rows, "method": "predict_proba"}, content_type)
    assert answer.get_json() == stages["proba"].tolist()
    assert answer.headers["X-Model-Digest"] == bundle.manifest.digest


def test_one_row_is_answered_with_a_list_of_one(cancer: FlaskClient) -> None:
    [label] = post(cancer, {"data": [14.1, 20.3, 91.2, 618.0]}).get_json()
    [shares] = post(cancer, {"data": [14.1, 20.3, 91.2, 618.0], "method": "predict_proba"}).get_json()
    assert (label, len(shares), sum(shares)) == ("benign" if shares[0] > shares[1] else "malignant", 2, 1.0)


def test_a_model_without_probabilities_is_named(values: FlaskClient) -> None:
    answer = post(values, {"data": [20.5, 3, "York"], "method": "predict_proba"})
    assert answer.status_code == 422
    [problem] = answer.get_json()["problems"]
    assert problem == {
        "row": None,
        "column": "method",
        "reason": "predict_proba: sales/1 has no probabilities; expected predict",
    }


def test_a_wrong_method_names_the_two(cancer: FlaskClient) -> None:
    answer = post(cancer, {"data": [1, 2, 3, 4], "method": "transform"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
    assert "`predict`" in answer.get_json()["detail"]
    assert "`predict_proba`" in answer.get_json()["detail"]


def test_a_series_is_refused_by_kind(client: FlaskClient) -> None:
    assert post(client, {"data": [1, 2, 3, 4]}).status_code == 409


@pytest.mark.parametrize("kind", ["cancer", "values", "client"])
def test_the_swagger_document_is_valid_and_its_example_is_answered(request: pytest.FixtureRequest, kind: str) -> None:
    client: FlaskClient = request.getfixturevalue(kind)
    document = client.get("/swagger.json").get_json()
    schemathesis.openapi.from_dict(document).validate()
    assert list(document["paths"]) == ["/score"]
    posted, answered = (document["definitions"][name] for name in ("ServiceInput", "ServiceOutput"))
    assert posted["properties"]["method"]["enum"] == ["predict", "predict_proba"]
    if kind != "client":  # which serves a series
        assert post(client, posted["example"]).get_json() == answered["example"]
        cells = posted["properties"]["data"]["items"]["items"]
        assert cells == ({"type": "number"} if kind == "cancer" else {})
