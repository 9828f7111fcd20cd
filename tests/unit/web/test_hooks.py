import base64
import json
import logging
import shutil
from pathlib import Path

import pytest
from flask import g
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from lockstep.bundles.series import SeriesBundle
from lockstep.scoring.counters import Counters, share_memory
from lockstep.scoring.keys import new_key, parse_keys
from lockstep.scoring.metrics import Metrics
from lockstep.scoring.record import STAGES
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from qa.default_bundle import DEFAULT_BUNDLE

COLUMNS = ["date", "open", "high", "low", "close", "volume"]
ROW = ["2013-03-04", 24.66, 24.79, 24.52, 24.77, 38157500]
FRAME = {"columns": COLUMNS, "data": [ROW]}
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def fresh() -> FlaskClient:
    return make_app(load_service(Settings())).test_client()


def fields_of(line: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = vars(line)["fields"]
    return fields


def read_samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(client: FlaskClient) -> Samples:
    response = client.get("/metrics")
    response.close()  # it is in flight until then
    return read_samples(response.text)


def value(samples: Samples, name: str, /, **labels: str) -> float:
    return samples[f"lockstep_{name}", frozenset(labels.items())]


def test_a_forecast_is_counted_with_its_rows_and_each_stage(fresh: FlaskClient) -> None:
    fresh.post("/forecast", json=FRAME)
    fresh.post("/v1/forecast", json={**FRAME, "data": [ROW, ["2013-03-05", *ROW[1:]]]})
    samples = scrape(fresh)
    assert value(samples, "requests_total", route="/forecast", status="200") == 1
    assert value(samples, "requests_total", route="/v1/forecast", status="200") == 1
    assert value(samples, "forecasts_total", name="msft", version="1", status="200") == 2
    assert value(samples, "rows_total", name="msft", version="1") == 3
    for stage in STAGES:
        assert value(samples, "stage_duration_seconds_count", stage=stage) == 2
    whole = value(samples, "request_duration_seconds_sum", route="/forecast")
    whole += value(samples, "request_duration_seconds_sum", route="/v1/forecast")
    assert 0 < sum(value(samples, "stage_duration_seconds_sum", stage=stage) for stage in STAGES) < whole


def test_two_versions_are_counted_apart(tmp_path: Path) -> None:
    for version in ("1", "2"):
        shutil.copytree(DEFAULT_BUNDLE, tmp_path / "msft" / version)
    settings = Settings(models=(tmp_path / "msft",), aliases={"msft": {"champion": 1}}, versions="all")
    client = make_app(load_service(settings)).test_client()
    for body in (FRAME, {**FRAME, "version": 2}, {**FRAME, "version": 2}, {**FRAME, "version": 2, "data": [ROW[:5]]}):
        client.post("/v1/forecast", json=body)
    samples = scrape(client)
    counted = {labels: value for (name, labels), value in samples.items() if name == "lockstep_forecasts_total"}
    assert counted == {
        frozenset({("name", "msft"), ("version", version), ("status", status)}): count
        for version, status, count in (("1", "200", 1), ("2", "200", 2), ("2", "422", 1))
    }
    assert value(samples, "rows_total", name="msft", version="2") == 3


def test_no_version_is_counted_but_those_that_are_served(fresh: FlaskClient) -> None:
    for body in ({**FRAME, "model": "gold"}, {**FRAME, "version": 9}, {**FRAME, "symbol": "IBM"}):
        assert fresh.post("/v1/forecast", json=body).status_code in (404, 422)
    fresh.post("/forecast", data=b"{")
    assert not [name for name, _ in scrape(fresh) if name in ("lockstep_forecasts_total", "lockstep_rows_total")]


def test_a_refused_body_counts_under_its_code_and_as_the_stages_it_reached(fresh: FlaskClient) -> None:
    fresh.post("/forecast", data=b"{")
    samples = scrape(fresh)
    assert value(samples, "errors_total", code="malformed") == 1
    assert value(samples, "requests_total", route="/forecast", status="400") == 1
    assert value(samples, "stage_duration_seconds_count", stage="read") == 1
    assert value(samples, "stage_duration_seconds_count", stage="parse") == 0


def test_paths_that_no_route_has_share_one_label(fresh: FlaskClient) -> None:
    for path in ("/a", "/b/c", "/forecast/x"):
        fresh.get(path)
    samples = scrape(fresh)
    assert value(samples, "requests_total", route="unknown", status="404") == 3
    assert {dict(labels).get("route") for _, labels in samples} == {None, "unknown"}


def test_a_request_in_flight_is_counted_until_it_has_ended(fresh: FlaskClient) -> None:
    for _ in range(2):
        assert value(scrape(fresh), "requests_in_flight") == 1  # the scrape itself


def test_what_is_running_is_shown(fresh: FlaskClient, default_bundle: SeriesBundle) -> None:
    samples = scrape(fresh)
    manifest = default_bundle.manifest
    assert value(samples, "model_info", name="msft", version="1", symbol="MSFT", digest=manifest.digest) == 1
    assert value(samples, "ready") == 1
    assert value(samples, "self_check_ok", name="msft", version="1") == 1
    assert value(samples, "self_check_rows", name="msft", version="1") == manifest.test.rows
    assert value(samples, "self_check_duration_seconds", name="msft", version="1") > 0


def test_a_bundle_that_failed_its_check_is_shown_as_not_ready(unfaithful: Path) -> None:
    metrics = Metrics(load_service(Settings(models=(unfaithful,), gate="warn")), Counters(share_memory()))
    samples = read_samples(metrics.render().decode())
    assert value(samples, "ready") == 0
    assert value(samples, "self_check_ok", name="msft", version="1") == 0


def test_the_record_tells_what_the_answer_told(fresh: FlaskClient, default_bundle: SeriesBundle) -> None:
    with fresh:
        response = fresh.post("/forecast?key=hunter2", json={**FRAME, "data": [ROW, [*ROW[:5], -1]]})
        told = g.record.fields()
    assert told.pop("duration_ms") > 0
    assert told == {
        "request_id": response.headers["X-Request-Id"],
        "key": None,
        "route": "/forecast",
        "method": "POST",
        "rows": 2,
        "status": 422,
        "code": "invalid-input",
        "model": "msft/1",
        "digest": default_bundle.manifest.digest,
    }


def test_the_record_names_the_key_and_never_holds_it() -> None:
    secret, key = new_key("postman")
    client = make_app(load_service(Settings(api_keys=(key,)))).test_client()
    for headers, expected in (({"x-api-key": secret}, "postman"), ({"x-api-key": secret + "x"}, None)):
        with client:
            client.post("/forecast", json=FRAME, headers=headers)
            told = g.record.fields()
        assert told["key"] == expected
        assert secret not in json.dumps(told)


def test_a_key_in_the_place_of_a_request_id_or_a_method_is_not_told() -> None:
    secret = "0123456789ABCDEF" * 3
    client = make_app(load_service(Settings(api_keys=(new_key("other")[1], *parse_keys(secret))))).test_client()
    with client:
        answer = client.open("/ready", method=secret, headers={"X-Request-Id": secret})
        told = g.record.fields()
    assert (told["method"], told["route"]) == ("unknown", "unknown")
    assert secret not in json.dumps(told)
    assert secret not in str(answer.headers) + answer.text
    kept = client.get("/ready", headers={"X-Request-Id": "Z" * 40}).headers["X-Request-Id"]
    assert kept == "Z" * 40


def test_the_line_of_a_request_is_written_when_its_answer_is_sent(
    fresh: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lockstep.request")
    response = fresh.post("/forecast", json=FRAME)
    assert caplog.records == []
    response.close()
    [line] = caplog.records
    assert (line.name, line.getMessage()) == ("lockstep.request", "request")
    assert (fields_of(line)["status"], fields_of(line)["request_id"]) == (200, response.headers["X-Request-Id"])


@pytest.mark.parametrize(("method", "path"), [("HEAD", "/ready"), ("GET", "/nope"), ("OPTIONS", "/forecast")])
def test_an_answer_without_a_body_or_a_route_has_its_line_too(
    fresh: FlaskClient, method: str, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lockstep.request")
    fresh.open(path, method=method).close()
    assert [fields_of(line)["method"] for line in caplog.records] == [method]


def test_a_request_carries_one_object(fresh: FlaskClient) -> None:
    with fresh:
        fresh.post("/forecast", json=FRAME)
        assert list(g) == ["record"]


@pytest.mark.parametrize("allow_anonymous", [False, True])
@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.0.0.7", 401), ("", 401)])
def test_without_keys_only_this_machine_reads_the_counts(address: str, status: int, allow_anonymous: bool) -> None:
    client = make_app(load_service(Settings(allow_anonymous=allow_anonymous))).test_client()
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": address}).status_code == status


@pytest.mark.parametrize("allow_anonymous", [False, True])
@pytest.mark.parametrize("header", [{"X-Forwarded-For": "127.0.0.1"}, {"Host": "rebound.example"}])
def test_without_keys_no_proxy_and_no_other_host_reads_the_counts(
    header: dict[str, str], allow_anonymous: bool
) -> None:
    client = make_app(load_service(Settings(allow_anonymous=allow_anonymous))).test_client()
    response = client.get("/metrics", headers=header)
    assert (response.status_code, response.get_json()["code"]) == (401, "unauthorized")
    assert "ALLOW_ANONYMOUS" not in response.get_json()["detail"]  # it would not help


def write_login(user: str, password: str = "") -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.parametrize("path", ["/metrics", "/forecast"])
def test_with_keys_any_of_them_is_taken_in_any_of_three_ways(keyed: tuple[FlaskClient, str, str], path: str) -> None:
    client, first, second = keyed
    send = client.get if path == "/metrics" else client.post
    admitted = 200 if path == "/metrics" else 400  # for a body that is empty
    for right in (
        {"x-api-key": first},
        {"Authorization": f"Bearer {second}"},
        {"Authorization": write_login(first)},
        {"Authorization": write_login(second, "ignored")},
        {"Authorization": write_login("wrong"), "x-api-key": first},
    ):
        assert send(path, headers=right).status_code == admitted
    for wrong in (
        {},
        {"x-api-key": f"{first}x"},
        {"Authorization": f"Bearer {first}x"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {first}"},
        {"Authorization": "Basic"},
        {"Authorization": "Basic ü"},
        {"Authorization": write_login("", first)},
        {"Authorization": write_login(f"{first}x")},
        {"Authorization": f"Digest {first}"},
        {"Authorization": f"Bearer {first}", "x-api-key": "wrong"},
    ):
        response = send(path, headers=wrong)
        assert (response.status_code, response.get_json()["code"]) == (401, "unauthorized")
