"""A service of a panel: every route answers for a series that a request names, or says what to send."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from lockstep.bundles.panels.bundle import BARS_FILE, PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.parity.bodies import split_frame
from lockstep.predict.intervals import interval_at
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_panels import make_series, save_panel

SERIES = make_series(20)
NEEDED = "name in `symbol` one of its 20: S0, S1, S2, S3, S4 and 15 more"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(tmp_path_factory.mktemp("models") / "many", SERIES, interval=interval_at(1))


@pytest.fixture(scope="module")
def panel(folder: Path) -> PanelBundle:
    loaded = load_bundle(folder)
    assert isinstance(loaded, PanelBundle)
    return loaded


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    return create_app(Settings(models=(folder,), rate_limit=None)).test_client()


def newest(symbol: str, count: int = 3) -> dict[str, Any]:
    return split_frame(SERIES[symbol].select(slice(-count, None)))


@pytest.mark.parametrize("symbol", ["S0", "S11", "S19"])
def test_a_named_series_is_answered_as_its_evaluation_says(
    client: FlaskClient, panel: PanelBundle, symbol: str
) -> None:
    answer = client.post("/v1/forecast", json={**newest(symbol), "symbol": symbol})
    assert (answer.status_code, answer.headers["X-Model-Digest"]) == (200, panel.manifest.digest)
    frame, model = answer.get_json()["forecast"], answer.get_json()["model"]
    predictions = [row[frame["columns"].index("y_pred")] for row in frame["data"]]
    assert predictions == panel.pick(symbol).evaluation.y_pred[-3:].tolist()
    assert (model["symbol"], model["newest_stored_bar"]) == (symbol, str(SERIES[symbol].dates[-1]))


def test_a_series_is_backtested_from_its_own_bars(client: FlaskClient, panel: PanelBundle) -> None:
    answer = client.post("/v1/backtest", json={"symbol": "S4", "n_windows": 2}).get_json()
    frame = answer["backtest"]
    assert [row[frame["columns"].index("y_pred")] for row in frame["data"]] == (
        panel.pick("S4").evaluation.y_pred[-2:].tolist()
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/forecast", newest("S0")),
        ("/v1/backtest", {}),
        ("/invocations", {"dataframe_split": newest("S0")}),
        ("/v2/models/many/infer", {"inputs": [{"name": "date", "shape": [1], "datatype": "BYTES", "data": ["x"]}]}),
    ],
)
def test_a_request_without_a_symbol_says_what_to_name(client: FlaskClient, path: str, body: dict[str, Any]) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    assert NEEDED in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/forecast", "/predict", "/score"])
def test_a_route_without_a_place_for_a_symbol_names_the_one_with_it(client: FlaskClient, path: str) -> None:
    body: Any = newest("S0") if path == "/forecast" else {"data": [1]} if path == "/score" else [1]
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wrong-kind")
    expected = "the default model, many, is of a panel: post its rows to /v1/forecast, with the `symbol` of a series"
    assert expected in answer.get_json()["detail"]


def test_mlflow_and_the_open_inference_protocol_name_a_series_in_their_parameters(
    client: FlaskClient, panel: PanelBundle
) -> None:
    expected = panel.pick("S5").evaluation.y_pred[-3:].tolist()
    mlflow = client.post("/invocations", json={"dataframe_split": newest("S5"), "params": {"symbol": "S5"}})
    assert mlflow.get_json()["predictions"] == expected
    frame = newest("S5")
    inputs = [
        {
            "name": name,
            "shape": [3],
            "datatype": "BYTES" if name == "date" else "FP64",
            "data": [row[place] for row in frame["data"]],
        }
        for place, name in enumerate(frame["columns"])
    ]
    oip = client.post("/v2/models/many/infer", json={"inputs": inputs, "parameters": {"symbol": "S5"}})
    assert oip.get_json()["outputs"][0]["data"] == expected


def test_an_unknown_series_is_refused_with_some_that_there_are(client: FlaskClient) -> None:
    answer = client.post("/v1/forecast", json={**newest("S0"), "model": "many", "symbol": "MSFT"})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "unknown-symbol")
    assert "many has no series 'MSFT'; it forecasts S0, S1, S2, S3, S4 and 15 more" in answer.get_json()["detail"]


def test_pages_describe_a_panel(client: FlaskClient, panel: PanelBundle) -> None:
    [model] = client.get("/version").get_json()["models"]
    assert (model["kind"], model["series"], model["symbol"], model["lookback_bars"]) == ("panel", 20, None, 200)
    assert client.get("/").get_json()["models"][0]["series"] == 20
    page = client.get("/", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert f'value="{panel.draw()[0]}" list="symbols"' in page
    assert len(re.findall(r'<option value="S\d+">', page)) == 20
    metadata = client.get("/v2/models/many").get_json()
    assert (metadata["platform"], metadata["properties"]["kind"]) == ("lockstep_panel", "panel")
    assert client.get("/v2/models/many/ready").get_json()["ready"] is True


def test_metrics_have_no_label_for_a_series(client: FlaskClient) -> None:
    for symbol in ("S1", "S2"):
        client.post("/v1/forecast", json={**newest(symbol), "symbol": symbol})
    text = client.get("/metrics").get_data(as_text=True)
    assert 'lockstep_model_info{name="many",version="1",symbol=""' in text
    assert 'lockstep_forecasts_total{name="many",version="1",status="200"}' in text
    assert "S1" not in text


def test_a_report_card_is_of_the_series_that_is_named(client: FlaskClient, panel: PanelBundle) -> None:
    card = client.get("/v1/models/many/report?symbol=S8").get_json()
    assert card["title"].startswith("S8: ")
    assert client.get("/v1/models/many/versions/1/report?symbol=S9").get_json()["title"].startswith("S9: ")
    refused = client.get("/v1/models/many/report")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "unknown-symbol")


def test_the_examples_of_the_description_name_a_series_and_are_what_is_answered(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    for path in ("/v1/forecast", "/v1/backtest", "/invocations"):
        operation = paths[path]["post"]
        example = operation["requestBody"]["content"]["application/json"]["example"]
        expected = operation["responses"]["200"]["content"]["application/json"]["example"]
        answer = client.post(path, json=example, headers={"X-Request-Id": "0" * 32})
        assert answer.get_json() == expected
    assert "example" not in paths["/forecast"]["post"]["requestBody"]["content"]["application/json"]


def test_a_panel_beside_a_single_series_leaves_the_default_as_it_was(folder: Path) -> None:
    settings = Settings(models=(DEFAULT_BUNDLE, folder), rate_limit=None)
    client = create_app(settings).test_client()
    assert client.post("/v1/forecast", json={**newest("S3"), "symbol": "S3"}).get_json()["model"]["name"] == "many"
    stored = json.loads(client.get("/openapi.json").get_data())["paths"]["/forecast"]["post"]["requestBody"]
    answer = client.post("/forecast", json=stored["content"]["application/json"]["example"])
    assert (answer.status_code, answer.headers["X-Model-Version"]) == (200, "msft/1")


def test_a_browser_is_shown_a_command_that_names_a_series(client: FlaskClient, panel: PanelBundle) -> None:
    page = client.get("/forecast", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "It does not serve the default model, many/1, which is of a panel." in page
    assert "http://localhost/v1/forecast" in page
    assert panel.draw()[0] in page


def test_a_series_that_fails_is_503_alone_and_is_listed_where_the_service_is_ready(tmp_path: Path) -> None:
    folder = save_panel(tmp_path / "many", SERIES)
    client = create_app(Settings(models=(folder,), rate_limit=None)).test_client()
    drawn = client.get("/openapi.json").get_json()["paths"]["/v1/backtest"]["post"]["requestBody"]["content"]
    known = drawn["application/json"]["example"]["symbol"]
    broken = "S18" if known == "S19" else "S19"
    with (folder / BARS_FILE).open("r+b") as file:  # both are at the end of the file
        file.seek(-2 * 300 * 40, os.SEEK_END)
        file.write(bytes(2 * 300 * 40))
    refused = client.post("/v1/backtest", json={"symbol": broken})
    assert (refused.status_code, refused.get_json()["code"]) == (503, "unproven-series")
    assert client.post("/v1/backtest", json={"symbol": known}).status_code == 200
    ready = client.get("/ready")
    assert (ready.status_code, ready.get_json()["status"]) == (200, "ready")
    assert ready.get_json()["broken"][0].startswith(f"the series {broken} is not served, the others are: {BARS_FILE}")
    assert 'lockstep_errors_total{code="unproven-series"} 1' in client.get("/metrics").get_data(as_text=True)
