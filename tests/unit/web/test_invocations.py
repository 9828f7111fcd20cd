import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression, LogisticRegression
from werkzeug.test import TestResponse

from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.table import TableBundle
from lockstep.data.table_csv import write_rows
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app, make_app
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_tables import load_saved, make_gaps, save_table

CSV = "text/csv"
ROW = {"price": 20.5, "rooms": 3, "town": "York"}
NAMED = "/endpoints/values/invocations"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, table = tmp_path_factory.mktemp("models"), make_gaps()
    save_table(folder, table.without("value"), TableRecipe("sales", "is_dear", LogisticRegression()))
    return save_table(
        folder, table.without("is_dear"), TableRecipe("values", "value", LinearRegression())
    ).parent.parent


@pytest.fixture(scope="module")
def values(folder: Path) -> TableBundle:
    return load_saved(folder / "values" / "1")


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    """A service of the default series and two tables."""
    return create_app(Settings(models=(DEFAULT_BUNDLE, folder), max_rows=5000, rate_limit=None)).test_client()


def post(client: FlaskClient, body: object, path: str = "/invocations", **headers: str) -> TestResponse:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(path, data=data, headers={"Content-Type": "application/json", **headers})


def post_csv(client: FlaskClient, text: str, path: str, accept: str = "*/*") -> TestResponse:
    return client.post(path, data=text, headers={"Content-Type": CSV, "Accept": accept})


def frame_of(values: TableBundle) -> pd.DataFrame:
    rows = values.held_out.rows
    return pd.DataFrame(dict(zip(rows.schema.names, rows.columns, strict=True)))


def test_a_table_is_answered_with_the_bits_of_its_evaluation_in_every_form(
    client: FlaskClient, values: TableBundle
) -> None:
    frame = frame_of(values)
    split, records, lists = (frame.to_dict(orient) for orient in ("split", "records", "list"))
    expected = values.evaluation.y_pred.tolist()
    for form in (
        {"dataframe_split": split},
        {"dataframe_records": records},
        {"instances": split["data"]},
        {"inputs": records},
        {"inputs": lists},
    ):
        answer = post(client, {**form, "params": {"model": "values"}})  # json.dumps writes a missing number as NaN
        assert (answer.status_code, answer.get_json()) == (200, {"predictions": expected})


@pytest.mark.parametrize("with_index", [False, True])
def test_csv_is_answered_with_the_bits_of_the_evaluation(
    client: FlaskClient, values: TableBundle, with_index: bool
) -> None:
    text = frame_of(values).to_csv(index=with_index)
    expected = values.evaluation.y_pred.tolist()
    assert post_csv(client, text, NAMED).get_json() == {"predictions": expected}
    answer = post_csv(client, text, NAMED, CSV)
    assert answer.content_type == CSV
    assert [float(line) for line in answer.text.splitlines()] == expected
    headless = text.partition("\n")[2]
    if not with_index:
        absent = client.post(NAMED, data=headless, content_type="text/csv; header=absent")
        assert absent.get_json() == {"predictions": expected}


def test_the_held_out_rows_of_the_bundle_are_csv_that_is_read(client: FlaskClient, values: TableBundle) -> None:
    keyed = write_rows(values.held_out).replace("row_id,", ",", 1)  # the key stands in the index
    assert post_csv(client, keyed, NAMED).get_json() == {"predictions": values.evaluation.y_pred.tolist()}


def test_a_series_is_answered_with_null_where_there_is_no_forecast(
    client: FlaskClient, default_bundle: SeriesBundle
) -> None:
    bars = default_bundle.test_bars
    columns = {name: column.tolist() for name, column in zip(bars.columns, bars.values, strict=True)}
    frame = pd.DataFrame(columns, index=pd.DatetimeIndex(bars.dates))
    split = json.loads(frame.to_json(orient="split", date_format="iso", date_unit="s", double_precision=15))
    assert split["index"][0].endswith("T00:00:00")
    split["data"] = frame.to_numpy().tolist()
    predicted = default_bundle.evaluation.y_pred.tolist()
    assert post(client, {"dataframe_split": split}).get_json() == {"predictions": predicted}
    assert post_csv(client, frame.to_csv(), "/invocations").get_json() == {"predictions": predicted}
    alone = post(client, {"dataframe_split": split, "params": {"history": "none", "symbol": "MSFT"}})
    lookback = default_bundle.manifest.feature_set.lookback_bars
    assert alone.get_json()["predictions"][: lookback - 1] == [None] * (lookback - 1)
    assert alone.get_json()["predictions"][lookback - 1 :] == predicted[lookback - 1 :]
    lines = client.post(
        "/invocations", json={"dataframe_split": split, "params": {"history": "none"}}, headers={"Accept": CSV}
    )
    assert pd.read_csv(io.StringIO(lines.text), header=None)[0].isna().sum() == lookback - 1


def test_labels_are_answered_as_they_were_learned(client: FlaskClient) -> None:
    answer = post(client, {"inputs": [ROW, {**ROW, "town": None}]}, "/endpoints/sales/invocations", Accept=CSV)
    assert set(answer.text.splitlines()) <= {"cheap", "dear"}
    assert answer.headers["X-Model-Version"] == "sales/1"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code", "error_code"),
    [
        (b"", {}, 400, "empty", "BAD_REQUEST"),
        (b"{", {}, 400, "malformed", "BAD_REQUEST"),
        ({"inputs": [ROW], "params": {"temperature": 1}}, {}, 400, "malformed", "BAD_REQUEST"),
        ({"inputs": [ROW], "params": {"model": "no"}}, {}, 404, "unknown-model", "RESOURCE_DOES_NOT_EXIST"),
        ({"inputs": [ROW]}, {"Accept": "image/png"}, 406, "not-acceptable", "BAD_REQUEST"),
        ({"inputs": [ROW]}, {"Content-Type": ""}, 415, "media-type", "BAD_REQUEST"),
        ({"inputs": [ROW]}, {"Content-Type": "text/plain"}, 415, "media-type", "BAD_REQUEST"),
        ({"inputs": [{**ROW, "rooms": "many"}], "params": {"model": "values"}}, {}, 422, "invalid-input",
         "INVALID_PARAMETER_VALUE"),
        ({"inputs": [{**ROW, "more": 1}], "params": {"model": "values"}}, {}, 422, "invalid-input",
         "INVALID_PARAMETER_VALUE"),
    ],
)  # fmt: skip
def test_a_problem_has_mlflows_error_code_beside_our_members(
    client: FlaskClient, body: object, headers: Mapping[str, str], status: int, code: str, error_code: str
) -> None:
    answer = post(client, body, **headers)
    told = answer.get_json()
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert (told["status"], told["code"], told["error_code"]) == (status, code, error_code)
    assert told["message"]
    assert told["request_id"] == answer.headers["X-Request-Id"]


def test_a_number_that_the_model_needs_and_that_is_nan_is_named_with_row_and_column(client: FlaskClient) -> None:
    body = '{"inputs": [["2013-03-04", 24.66, 24.79, 24.52, 24.77, 1], ["2013-03-05", 24.66, 24.79, 24.52, NaN, 1]]}'
    told = post(client, body).get_json()
    assert told["problems"] == [{"row": 1, "column": "close", "reason": "null is not a number"}]


def test_other_methods_and_paths_below_are_problems_of_the_door(client: FlaskClient) -> None:
    wrong = client.get("/invocations")
    assert (wrong.status_code, wrong.get_json()["error_code"]) == (405, "BAD_REQUEST")
    assert "POST" in wrong.headers["Allow"]
    assert client.post("/endpoints/a/b").get_json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"


def test_ping_answers_whether_the_service_is_ready(client: FlaskClient, folder: Path) -> None:
    assert (client.get("/ping").status_code, client.get("/ping").get_json()) == (200, {"status": "ready"})
    assert client.get("/health").status_code == 200  # which MLflow's server has as well
    service = load_service(Settings(models=(folder / "values",)))
    served = service.registry.served[0]
    faulty = replace(served, self_check=replace(served.self_check, fault="other bits"))
    broken = make_app(replace(service, registry=replace(service.registry, served=(faulty,), default=faulty)))
    answer = broken.test_client().get("/ping")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "not ready"})


def test_a_body_without_a_key_is_refused_before_it_is_read(folder: Path) -> None:
    app = create_app(Settings(models=(folder / "values",), allow_anonymous=False))
    answer = app.test_client().post("/invocations", data=b"x", environ_base={"REMOTE_ADDR": "203.0.113.5"})
    assert (answer.status_code, answer.get_json()["error_code"]) == (401, "UNAUTHENTICATED")


def test_no_number_is_changed_on_its_way_by_csv(client: FlaskClient, values: TableBundle) -> None:
    rng = np.random.default_rng(3)
    price = 10.0 ** rng.uniform(-5.0, 5.0, 1000)
    frame = pd.DataFrame({"price": price, "rooms": 2, "town": "York"})
    as_json = post(client, {"dataframe_split": frame.to_dict("split")}, NAMED).get_json()
    assert post_csv(client, frame.to_csv(index=False), NAMED).get_json() == as_json
