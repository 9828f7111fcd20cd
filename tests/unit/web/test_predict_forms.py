"""`POST /predict` as the clients of three older systems call it, and what they get if something is wrong."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from lockstep.data.table_csv import make_table
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from tests.small_tables import load_saved, load_table, save_table

COLUMNS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
FLOWER = [5.9, 3.0, 5.1, 1.8]
TEXTS = ("a warm and sturdy tent", "a dull and broken lamp", "warm soup", "broken train")
UNTYPED = ("application/x-www-form-urlencoded", "text/plain", "application/octet-stream", None)


def serve(folder: Path) -> FlaskClient:
    return create_app(Settings(models=(folder.parent,), max_rows=1000, rate_limit=None)).test_client()


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    iris = datasets.load_iris()
    columns = {name: cells.tolist() for name, cells in zip(COLUMNS, iris.data.T, strict=True)}
    table = make_table({**columns, "species": iris.target.tolist()})
    return save_table(tmp_path_factory.mktemp("m"), table, TableRecipe("iris", "species", DecisionTreeClassifier()))


@pytest.fixture(scope="module")
def iris(flowers: Path) -> FlaskClient:
    """A service of a tree whose labels are whole numbers."""
    return serve(flowers)


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A service of one text."""
    texts = [f"{text}, seen on day {day} of the trip" for day in range(30) for text in TEXTS]  # few would be categories
    table = make_table({"text": texts, "mood": ["good" if "warm" in text else "bad" for text in texts]})
    vectorizer = ColumnTransformer([("text", TfidfVectorizer(), 0)])
    recipe = TableRecipe("reviews", "mood", make_pipeline(vectorizer, LogisticRegression()))
    return serve(save_table(tmp_path_factory.mktemp("m"), table, recipe))


@pytest.fixture(scope="module")
def sugar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = TableRecipe("diabetes", "target", LinearRegression())
    return save_table(tmp_path_factory.mktemp("m"), load_table("diabetes"), recipe)


def post(client: FlaskClient, body: object, content_type: str | None = "application/json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post("/predict", data=data, content_type=content_type)


def test_the_cells_of_a_row_are_answered_with_the_label_as_text(iris: FlaskClient) -> None:
    answer = post(iris, FLOWER)
    assert (answer.status_code, answer.content_type, answer.data) == (200, "text/plain; charset=utf-8", b"2")
    assert answer.headers["X-Model-Version"] == "iris/1"


def test_rows_are_answered_with_a_list(iris: FlaskClient) -> None:
    answer = post(iris, [FLOWER, [5.1, 3.5, 1.4, 0.2]])
    assert (answer.content_type, answer.data) == ("application/json", b"[2,0]")


def test_records_are_answered_with_numbered_predictions(iris: FlaskClient) -> None:
    records = [dict(zip(COLUMNS, row, strict=True)) for row in ([6.3, 2.3, 4.4, 1.3], FLOWER)]
    assert post(iris, records).data == b'{"predictions":{"prediction_0":1,"prediction_1":2}}'


def test_a_text_is_answered_with_its_result(reviews: FlaskClient) -> None:
    assert post(reviews, {"text": "a warm tent"}).data == b'{"res":"good"}'
    assert post(reviews, ["a warm tent"]).data == b"good"
    assert post(reviews, [["a warm tent"], ["broken"]]).data == b'["good","bad"]'


@pytest.mark.parametrize("content_type", UNTYPED)
def test_a_body_of_no_declared_type_is_read_as_json(iris: FlaskClient, content_type: str | None) -> None:
    assert post(iris, FLOWER, content_type).data == b"2"


def test_numbers_are_answered_in_their_shortest_round_trip_form(sugar: Path) -> None:
    bundle, client = load_saved(sugar), serve(sugar)
    rows = np.stack(bundle.held_out.rows.columns, axis=1)[:5].tolist()
    predicted = bundle.evaluation.y_pred[:5].tolist()
    assert post(client, rows).data == json.dumps(predicted, separators=(",", ":")).encode()
    assert [post(client, row).data.decode() for row in rows] == [repr(each) for each in predicted]


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ([FLOWER[:3]], 422, None),
        ([{"sepal_length": 1.0}], 422, {"row": 0, "column": "sepal_width"}),
        ([{**dict.fromkeys(COLUMNS, 1.0), "petal_width": "x"}], 422, {"row": 0, "column": "petal_width"}),
        ({"sepal_length": 1.0}, 422, {"row": None, "column": "body"}),
        (b"", 400, None),
        (b"[1,", 400, None),
    ],
)
def test_a_fault_names_record_and_field(
    iris: FlaskClient, body: object, status: int, problem: dict[str, object] | None
) -> None:
    answer = post(iris, body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert problem is None or problem.items() <= answer.get_json()["problems"][0].items()


def test_a_request_without_its_text_is_answered(reviews: FlaskClient) -> None:
    answer = post(reviews, {})
    assert (answer.status_code, answer.get_json()["problems"][0]["column"]) == (422, "text")


def test_a_series_is_refused_by_kind(client: FlaskClient) -> None:
    answer = post(client, FLOWER)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong-kind")


@pytest.mark.parametrize("kind", ["iris", "reviews"])
def test_the_example_of_the_document_is_answered(request: pytest.FixtureRequest, kind: str) -> None:
    client: FlaskClient = request.getfixturevalue(kind)
    operation = client.get("/openapi.json").get_json()["paths"]["/predict"]["post"]
    posted = operation["requestBody"]["content"]["application/json"]["example"]
    answered = operation["responses"]["200"]["content"]["application/json"]["example"]
    assert post(client, posted).get_json() == answered
    assert ("res" in answered) == (kind == "reviews")


cells = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9)
values = st.recursive(
    cells,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from([*COLUMNS, "text", "x"]), inner, max_size=5)
    ),
    max_leaves=12,
)
numbers = st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=4)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(values, numbers, st.lists(numbers)), cut=st.integers(0, 3))
def test_whatever_is_posted_is_answered_or_refused(iris: FlaskClient, body: object, cut: int) -> None:
    data = json.dumps(body).encode()
    answer = post(iris, data[: len(data) - cut] if cut == 1 else data)
    if answer.status_code == 200:
        predicted = answer.data if answer.mimetype == "text/plain" else answer.get_json()
        assert len(predicted) == (len(body) if isinstance(predicted, list) and isinstance(body, list) else 1)
    else:
        assert answer.status_code in (400, 422)
        assert answer.content_type == "application/problem+json"
