from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LogisticRegression

from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_tables import load_saved, make_gaps, save_table

ROW = {"price": 20.5, "rooms": 3, "town": "York"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = TableRecipe("sales", "is_dear", LogisticRegression())
    return save_table(tmp_path_factory.mktemp("models"), make_gaps().without("value"), recipe)


@pytest.fixture(scope="module")
def tables(folder: Path) -> FlaskClient:
    """A service of a table and nothing else."""
    return create_app(Settings(models=(folder.parent,), max_rows=1000, rate_limit=None)).test_client()


@pytest.fixture(scope="module")
def both(folder: Path) -> FlaskClient:
    """A service of the default series and a table."""
    models = (DEFAULT_BUNDLE, folder.parent)
    return create_app(Settings(models=models, max_rows=1000, rate_limit=None)).test_client()


def test_a_row_is_predicted(tables: FlaskClient) -> None:
    answer = tables.post("/v1/predict", json=[ROW], headers={"X-Request-Id": "00000000000000000000000000000abc"})
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["predictions"]["columns"] == ["prediction", "proba_cheap", "proba_dear"]
    assert (body["model"]["kind"], body["model"]["symbol"], body["model"]["lookback_bars"]) == ("table", None, None)
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["X-Model-Version"] == "sales/1"


def test_the_example_of_the_document_is_answered(tables: FlaskClient, folder: Path) -> None:
    operation = tables.get("/openapi.json").get_json()["paths"]["/v1/predict"]["post"]
    posted = operation["requestBody"]["content"]["application/json"]["example"]
    answered = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert tables.post("/v1/predict", json=posted).get_json()["predictions"] == answered["predictions"]
    assert answered["predictions"]["data"][0][0] == load_saved(folder).evaluation.y_pred[0]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_pages_describe_a_table(tables: FlaskClient, accept: str) -> None:
    page = tables.get("/", headers={"Accept": accept})
    assert (page.status_code, b"sales" in page.data) == (200, True)
    (version,) = tables.get("/version").get_json()["models"]
    assert version["guarantees"] == {"proba": "bits", "prediction": "bits"}
    assert tables.get("/ready").get_json()["self_check"]["sales/1"]["rows"] == 60


@pytest.mark.parametrize("path", ["/forecast", "/v1/forecast"])
def test_a_table_asked_for_a_forecast_names_its_route(tables: FlaskClient, path: str) -> None:
    body = {"columns": ["date", "open", "high", "low", "close", "volume"], "data": [["2013-03-04", 1, 1, 1, 1, 1]]}
    answer = tables.post(path, json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong-kind")
    assert "the default model, sales, is of a table: post its rows to /v1/predict." in answer.get_json()["detail"]


def test_a_series_asked_for_a_prediction_names_its_route(both: FlaskClient) -> None:
    answer = both.post("/v1/predict", json=[ROW])
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong-kind")
    assert "serves models of a table: sales, which /v1/predict takes in `model`" in answer.get_json()["detail"]
    named = both.post("/v1/predict", json={"dataframe_records": [ROW], "model": "sales"})
    assert named.status_code == 200


def test_bad_cells_are_a_problem_with_row_and_column(tables: FlaskClient) -> None:
    answer = tables.post("/v1/predict", json=[ROW, {**ROW, "rooms": "many"}])
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid-input")
    assert answer.get_json()["problems"] == [{"row": 1, "column": "rooms", "reason": "'many' is not a whole number"}]


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"[1,", 400), (b"{}", 400), (b"[]", 422), (b'["x"]', 422)])
def test_what_is_no_row_is_a_problem(tables: FlaskClient, body: bytes, status: int) -> None:
    answer = tables.post("/v1/predict", data=body, content_type="application/json")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


@pytest.mark.parametrize("body", [{"columns": ["price"], "data": [[1.0]]}, {"price": 1.0}])
def test_a_body_in_no_form_is_answered_with_the_forms(tables: FlaskClient, body: object) -> None:
    answer = tables.post("/v1/predict", json=body)
    assert answer.get_json()["code"] == "malformed"
    assert 'Expected one of {"dataframe_split": …}' in answer.get_json()["detail"]
