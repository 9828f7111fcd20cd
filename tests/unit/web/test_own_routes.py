"""A route that a user adds: the one that the docstring of backend/app.py shows."""

import json
from collections import Counter

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

import backend.app
from lockstep.bundles.series import SeriesBundle
from lockstep.doors.stored import write_frame
from lockstep.scoring.keys import new_key
from lockstep.scoring.rates import parse_rate
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from lockstep.web.site import find_site

INDENT = "    "
SECRET, KEY = new_key("me")
ROWS = 20
"""As many as have rises and falls among them."""


def read_example() -> str:
    """Return the code in the docstring of the application's module."""
    lines = str(backend.app.__doc__).splitlines()
    return "\n".join(line.removeprefix(INDENT) for line in lines if line.startswith(INDENT) or not line)


def make_client(settings: Settings) -> FlaskClient:
    app = backend.app.create_app(settings)
    exec(compile(read_example(), "backend/app.py", "exec"), {"app": app})  # noqa: S102 -- our own docstring
    return app.test_client()


@pytest.fixture(scope="module")
def body(default_bundle: SeriesBundle) -> str:
    return json.dumps(write_frame(default_bundle.bars.select(slice(-ROWS, None))))


def test_the_example_forecasts_with_the_models_that_are_loaded(body: str, default_bundle: SeriesBundle) -> None:
    response = make_client(Settings()).post("/rises", data=body)
    evaluated = default_bundle.evaluation.y_pred[-ROWS:]
    assert min(evaluated) < 1 < max(evaluated)
    assert response.get_json() == {"model": "msft/1", "rises": (evaluated > 1).tolist()}
    assert response.headers["X-Model-Version"] == "msft/1"


def test_the_site_of_an_app_holds_the_service_that_it_was_made_of() -> None:
    service = load_service(Settings())
    app = make_app(service)
    assert find_site(app).service is service
    assert app.extensions["lockstep"] is find_site(app)


def test_it_needs_a_key_and_counts_for_the_limit(body: str) -> None:
    client = make_client(Settings(api_keys=(KEY,), rate_limit=parse_rate("2/hour")))
    statuses = [
        client.post("/rises", data=body, headers={"x-api-key": sent}).status_code
        for sent in ("", SECRET, SECRET, SECRET)
    ]
    assert statuses == [401, 200, 200, 429]
    assert client.get("/health").status_code == 200


def test_without_keys_it_answers_its_own_machine_only(body: str) -> None:
    client = make_client(Settings())
    assert client.post("/rises", data=body, environ_overrides={"REMOTE_ADDR": "10.0.0.7"}).status_code == 401


def read_counts(client: FlaskClient) -> Counter[str]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = [sample for family in families for sample in family.samples]
    return Counter({f"{sample.name} {sorted(sample.labels.values())}": int(sample.value) for sample in samples})


def test_it_counts_in_the_metrics(body: str) -> None:
    client = make_client(Settings())
    before = read_counts(client)
    client.post("/rises", data=body)
    counted = read_counts(client) - before
    assert counted["lockstep_requests_total ['/rises', '200']"] == 1
    assert counted["lockstep_forecasts_total ['1', '200', 'msft']"] == 1
    assert counted["lockstep_rows_total ['1', 'msft']"] == ROWS


@pytest.mark.parametrize(
    ("sent", "code"),
    [("", "empty"), ("{", "malformed"), ('{"columns": [], "data": []}', "invalid-input"), ("[" * 2000, "too-large")],
)
def test_its_errors_are_problems(sent: str, code: str) -> None:
    response = make_client(Settings(max_body_bytes=1024)).post("/rises", data=sent)
    assert (response.get_json()["code"], response.mimetype) == (code, "application/problem+json")
