"""The request and the program that the page on worth shows for backtests, and the answer that it shows."""

import json
import re
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from lockstep.parity.outcomes import find_score_faults
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.threads import serve_app
from tests.conftest import ROOT

SECTION = (ROOT / "docs" / "forecasts.md").read_text().partition("\n## Backtest\n")[2].partition("\n## ")[0]
BLOCKS = dict(re.findall(r"^```(\w+)\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL))
LEFT_OUT = {"model", "warnings", "request_id"}
SHOWN_URL = "http://127.0.0.1:5000"
N_TESTED = 961


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(rate_limit=None)).test_client()


def test_the_shown_request_gets_the_shown_answer(client: FlaskClient) -> None:
    body = re.findall(r"-d '(.*?)'", BLOCKS["sh"], re.DOTALL)[0]
    told: dict[str, Any] = client.post("/v1/backtest", json=json.loads(body)).get_json()
    shown = json.loads(BLOCKS["json"])
    assert list(find_score_faults(shown.pop("scores"), told.pop("scores"))) == []  # sums, which CPUs round otherwise
    assert {name: told[name] for name in told.keys() - LEFT_OUT} == shown


def test_the_shown_program_gets_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    with serve_app(create_app(Settings(rate_limit=None))) as url:
        assert requests.get(f"{url}/health", timeout=10).status_code == 200
        exec(compile(BLOCKS["python"].replace(SHOWN_URL, url), "forecasts.md", "exec"), {})  # noqa: S102 -- our own page
    assert capsys.readouterr().out == f"{-(-N_TESTED // 2)}\n"


def test_every_member_of_the_body_is_in_the_table(client: FlaskClient) -> None:
    schemas = client.get("/openapi.json").get_json()["components"]["schemas"]
    members = {*schemas["BacktestBody"]["properties"]} - {"columns", "data", "index", "dataframe_split"}
    assert members <= {*re.findall(r"`(\w+)`", SECTION)}
