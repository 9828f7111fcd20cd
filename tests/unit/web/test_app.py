import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from lockstep.bundles.saving import save_bundle, seal_manifest
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.data.bars import Bars
from lockstep.doors import plain
from lockstep.errors import BundleError, EvaluationMismatch, UnknownModel
from lockstep.parity.bodies import split_frame
from lockstep.scoring.counters import Counters, share_memory
from lockstep.scoring.keys import parse_keys
from lockstep.scoring.kinds import INTERNAL
from lockstep.scoring.record import STAGES, RequestRecord
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import ROUTES, create_app, make_app
from lockstep.web.forecasts import forecast
from lockstep.web.pages import get_ready
from lockstep.web.site import make_site
from lockstep.web.watching import RECORD
from qa.default_bundle import DEFAULT_BUNDLE

PROBLEM_MEMBERS = {"type", "title", "status", "detail", "code", "message", "request_id"}
NEW_ROWS = [["2013-03-04", 24.6, 25.0, 24.5, 24.9, 3e7], ["2013-03-05", 24.9, 25.1, 24.7, 24.8, 2e7]]
COLUMNS = ["date", "open", "high", "low", "close", "volume"]


def newest(bundle: SeriesBundle, count: int) -> dict[str, Any]:
    return split_frame(bundle.bars.select(slice(-count, None)))


def test_the_tutorials_contract_is_kept(client: FlaskClient, default_bundle: SeriesBundle, price_file: Path) -> None:
    body = pd.read_csv(price_file).tail(961).to_json(orient="split", double_precision=15)
    response = client.post("/forecast", data=body, headers={"x-api-key": "whatever"})
    assert response.status_code == 200
    assert json.loads(response.get_json()["y_pred"]) == default_bundle.evaluation.y_pred.tolist()


def test_an_empty_body_is_no_data(client: FlaskClient) -> None:
    response = client.post("/forecast", headers={"x-api-key": "whatever"})
    assert (response.status_code, response.get_json()["message"]) == (400, "no data")


def test_rows_are_answered_in_the_order_posted(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    frame = newest(default_bundle, 50)
    backwards = {**frame, "data": frame["data"][::-1]}
    forwards = json.loads(client.post("/forecast", json=frame).get_json()["y_pred"])
    assert json.loads(client.post("/forecast", json=backwards).get_json()["y_pred"]) == forwards[::-1]


def test_the_answered_frame_is_a_data_frame(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    body = client.post("/v1/forecast", json={"dataframe_split": newest(default_bundle, 3)}).get_json()
    table = pd.DataFrame(**body["forecast"])
    known = ["date", "forecast_date", "close", "y_pred", "close_pred", "naive"]
    assert table.columns.tolist() == [*known, "lo-80", "hi-80", "close_lo-80", "close_hi-80"]
    assert table["date"].tolist() == ["2013-02-27", "2013-02-28", "2013-03-01"]
    assert table["forecast_date"].tolist() == ["2013-02-28", "2013-03-01", "2013-03-04"]
    assert table["y_pred"].tolist() == default_bundle.evaluation.y_pred[-3:].tolist()
    assert table["close_pred"].tolist() == (table["close"] * table["y_pred"]).tolist()
    assert (table["naive"] == 1.0).all()
    [verdict] = body["warnings"]
    assert verdict.startswith('In 5 folds of its learning rows the model did worse than "no change"')
    assert body["model"]["digest"] == default_bundle.manifest.digest


def test_a_symbol_picks_its_bundle(tmp_path: Path, default_bundle: SeriesBundle) -> None:
    other = msgspec.structs.replace(default_bundle.manifest, name="other", symbol="OTHER")
    files = {name: (DEFAULT_BUNDLE / name).read_bytes() for name in default_bundle.manifest.files}
    folder = save_bundle(tmp_path / "other", seal_manifest(other, files), files)
    client = create_app(Settings(models=(DEFAULT_BUNDLE, folder))).test_client()
    frame = {"dataframe_split": newest(default_bundle, 1)}
    for symbol, expected in (({}, "MSFT"), ({"symbol": "OTHER"}, "OTHER"), ({"symbol": "MSFT"}, "MSFT")):
        response = client.post("/v1/forecast", json={**frame, **symbol})
        assert response.get_json()["model"]["symbol"] == expected
        assert response.headers["X-Model-Digest"] == response.get_json()["model"]["digest"]
    unknown = client.post("/v1/forecast", json={**frame, "symbol": "IBM"})
    assert (unknown.status_code, unknown.get_json()["code"]) == (422, "unknown-symbol")


def test_a_model_that_is_named_twice_is_refused() -> None:
    with pytest.raises(UnknownModel, match="named twice"):
        create_app(Settings(models=(DEFAULT_BUNDLE, DEFAULT_BUNDLE)))


def test_posted_prices_replace_stored_ones_and_a_warning_says_so(
    client: FlaskClient, default_bundle: SeriesBundle
) -> None:
    frame = newest(default_bundle, 300)
    answers = []
    for factor in (1.0, 0.5):
        rows = [[row[0], *(value * factor for value in row[1:5]), row[5]] for row in frame["data"][-1:]]
        answers.append(client.post("/v1/forecast", json={**frame, "data": rows}).get_json())
    assert answers[0]["forecast"]["data"][0][3] != answers[1]["forecast"]["data"][0][3]
    replaced, jump, _verdict = answers[1]["warnings"]
    assert replaced == "1 posted bars replace stored bars of the same date that have other values"
    assert jump.startswith("the close of 2013-03-01, 12.3421712095815 (posted), is 32.5 scales from that of 2013-02-28")


@pytest.mark.parametrize(("factor", "warned"), [(1.0, False), (1.9, False), (2.1, True), (0.55, False), (0.45, True)])
def test_without_intervals_posted_prices_far_from_the_stored_ones_are_warned_of(
    client: FlaskClient, default_bundle: SeriesBundle, factor: float, warned: bool
) -> None:
    close = float(default_bundle.bars.close[-1]) * factor
    newer, older = ["2013-03-05", *[1e3 * close] * 4, 1.0], ["2013-03-04", *[close] * 4, 1.0]
    body = client.post("/v1/forecast", json={"columns": COLUMNS, "data": [newer, older], "level": []}).get_json()
    *warnings, _verdict = body["warnings"]
    assert [warning for warning in warnings if "row 1 is more than a factor 2" in warning] == warnings
    assert bool(warnings) == warned


def test_a_raw_price_beside_adjusted_ones_is_warned_of_as_a_jump(client: FlaskClient) -> None:
    raw = ["2013-03-04", 28.02, 28.19, 27.84, 28.15, 38157500.0]
    body = client.post("/v1/forecast", json={"columns": COLUMNS, "data": [raw]}).get_json()
    assert body["warnings"][0] == (
        "the close of 2013-03-04, 28.15 (posted), is 9.0 scales from that of 2013-03-01, 24.684342419163 (stored); "
        "usual are less than 5: are both adjusted alike?"
    )


def test_a_forecast_outside_its_own_interval_and_flat_prices_are_warned_of(
    client: FlaskClient, default_bundle: SeriesBundle
) -> None:
    dates = default_bundle.calendar.session_dates(np.arange(3000, 3210)).astype(str).tolist()
    flat = {"columns": COLUMNS, "data": [[date, *[24.0] * 4, 1.0] for date in dates], "history": "none"}
    warnings = client.post("/v1/forecast", json=flat).get_json()["warnings"]
    assert warnings[1] == "11 rows have prices that have hardly moved: their intervals have hardly any width"
    assert warnings[2] == "11 forecasts lie outside their own 80 % interval, first that of row 199"


def test_levels_name_the_bounds_of_the_interval(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    frame = newest(default_bundle, 3)
    body = client.post("/v1/forecast", json={**frame, "level": [95, 5]}).get_json()
    table = pd.DataFrame(**body["forecast"])
    names = [f"{name}-{level}" for level in (95, 5) for name in ("lo", "hi", "close_lo", "close_hi")]
    assert table.columns.tolist()[6:] == names
    assert (table["close"] * table["lo-95"]).tolist() == table["close_lo-95"].tolist()
    assert (table["hi-95"] - 1.0).tolist() == pytest.approx((1.0 - table["lo-95"]).tolist(), rel=1e-12)
    assert (table["lo-95"] < table["lo-5"]).all()
    told = {"method": "rolling-conformal", "center": "no change", "level": [95, 5], "lookback_bars": 200}
    assert body["interval"] == {**told, "experimental": False}
    bare = client.post("/v1/forecast", json={**frame, "level": []}).get_json()
    assert len(bare["forecast"]["columns"]) == 6
    assert "interval" not in bare


@pytest.mark.parametrize(
    ("level", "status", "reason"),
    [([80, 80.0], 422, "80 is there twice"), ([0], 422, "0 is no level"), ([100], 422, "100 is no level"),
     ([0.8], 422, "0.8 is no level; expected whole percents from 1 to 99, such as 80"), ([1e308], 422, "is no level"),
     ([80.5], 422, "80.5 is no level"), ([0.95], 422, "from 1 to 99, such as 95"),
     (80, 400, "`level` is a list of whole percents, such as [80]; 80 was sent"), (["80"], 400, '; ["80"] was sent'),
     ([True], 400, "; [true] was sent"), (0.8, 400, "; 0.8 was sent"), ([None] * 999, 400, ",null,null was sent")],
)  # fmt: skip
def test_what_is_no_level_is_refused(
    client: FlaskClient, default_bundle: SeriesBundle, level: object, status: int, reason: str
) -> None:
    answer = client.post("/v1/forecast", json={**newest(default_bundle, 1), "level": level})
    assert answer.status_code == status
    assert reason in answer.get_json()["detail"]


def test_a_seam_with_bars_that_are_not_stored_is_not_warned_of(
    client: FlaskClient, default_bundle: SeriesBundle
) -> None:
    frame = split_frame(default_bundle.bars.select(slice(0, 300)))
    alone = {**newest(default_bundle, 205), "history": "none"}
    alone["data"] = [[row[0], *(value * 9 for value in row[1:5]), row[5]] for row in alone["data"]]
    assert not [w for w in client.post("/v1/forecast", json=alone).get_json()["warnings"] if "factor" in w]
    answer = client.post("/v1/forecast", json={**frame, "history": "none"})
    assert not [w for w in answer.get_json()["warnings"] if "factor" in w]


def test_two_rows_after_the_history_are_answered(client: FlaskClient) -> None:
    answer = client.post("/v1/forecast", json={"columns": COLUMNS, "data": NEW_ROWS}).get_json()["forecast"]["data"]
    assert [row[:2] for row in answer] == [["2013-03-04", "2013-03-05"], ["2013-03-05", "2013-03-06"]]


def test_a_lone_row_years_later_is_refused_naming_the_gap(client: FlaskClient) -> None:
    response = client.post("/forecast", json={"columns": COLUMNS, "data": [["2020-03-04", *NEW_ROWS[0][1:]]]})
    assert (response.status_code, response.get_json()["code"], response.get_json()["total"]) == (
        422,
        "missing-bars",
        199,
    )
    assert response.get_json()["missing_sessions"][0] == "2019-05-20"
    assert "2020-03-03" in response.get_json()["detail"]


def test_without_history_the_look_back_has_no_forecast_and_the_rest_the_same(
    client: FlaskClient, default_bundle: SeriesBundle
) -> None:
    body = client.post("/v1/forecast", json={**newest(default_bundle, 205), "history": "none"}).get_json()
    y_pred = [row[3] for row in body["forecast"]["data"]]
    assert y_pred[:199] == [None] * 199
    assert y_pred[199:] == default_bundle.evaluation.y_pred[-6:].tolist()
    assert body["warnings"][:-1] == ["199 rows are look-back only and have no forecast: the posted bars stand alone"]


def test_without_history_too_few_bars_are_refused(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    response = client.post("/v1/forecast", json={**newest(default_bundle, 199), "history": "none"})
    assert (response.status_code, response.get_json()["code"]) == (422, "missing-bars")


def test_a_trace_holds_every_stage_of_every_row(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    frame = newest(default_bundle, 2)
    local = default_bundle.forecaster.forecast(default_bundle.bars.select(slice(-2, None)))
    values = client.post("/v1/forecast", json={**frame, "trace": "values"}).get_json()["trace"]
    assert values["rows"] == [0, 1]
    for stage in ("features", "scaled", "leaf", "prediction"):
        assert values[stage] == local.stages[stage].tolist()
    digests = client.post("/v1/forecast", json={**frame, "trace": "digests"}).get_json()["trace"]
    assert {len(digest) for stage in ("features", "leaf") for digest in digests[stage]} == {64}
    assert digests["features"][0] != digests["features"][1]


@pytest.mark.parametrize("path", ["/forecast", "/v1/forecast"])
@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", {}, 400, "empty"),
        (b"{", {}, 400, "malformed"),
        (b"[1]", {}, 400, "malformed"),
        (b'{"columns": [], "data": []}', {}, 422, "invalid-input"),
        (b" " * 200_001, {}, 413, "too-large"),
        (json.dumps({"columns": COLUMNS, "data": [[None] * 6] * 1001}).encode(), {}, 413, "too-large"),
        (b"a,b", {"Content-Type": "text/csv"}, 415, "media-type"),
    ],
)
def test_bad_requests_have_their_status_and_one_body(
    client: FlaskClient, path: str, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    response = client.post(path, data=body, headers=headers)
    assert (response.status_code, response.get_json()["code"], response.get_json()["status"]) == (status, code, status)
    assert response.content_type == "application/problem+json"
    assert set(response.get_json()) >= PROBLEM_MEMBERS
    assert response.get_json()["request_id"] == response.headers["X-Request-Id"]


def test_the_limits_are_named(client: FlaskClient) -> None:
    assert "200000" in client.post("/forecast", data=b" " * 200_001).get_json()["detail"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nope", 404), ("GET", "/forecast", 405)])
def test_what_flask_refuses_has_the_same_body(client: FlaskClient, method: str, path: str, status: int) -> None:
    response = client.open(path, method=method)
    assert (response.status_code, set(response.get_json())) == (status, PROBLEM_MEMBERS)
    assert ("Allow" in response.headers) == (status == 405)


@pytest.mark.parametrize("media_type", ["application/json", "application/vnd.pandas+json", "text/plain", None])
def test_the_tutorials_route_takes_json_by_any_name(
    client: FlaskClient, default_bundle: SeriesBundle, media_type: str | None
) -> None:
    body = msgspec.json.encode(newest(default_bundle, 1))
    assert client.post("/forecast", data=body, content_type=media_type).status_code == 200


def test_a_fault_of_ours_is_500_and_says_nothing_of_its_inside(
    default_bundle: SeriesBundle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = load_service(Settings())
    client = make_app(service).test_client()

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("an inner secret")

    monkeypatch.setattr(as_series(service.registry.default.bundle).forecaster, "forecast", fail)
    response = client.post("/forecast", json=newest(default_bundle, 1))
    assert (response.status_code, response.get_json()["title"]) == (500, INTERNAL.title)
    assert "inner secret" not in response.text
    assert response.get_json()["request_id"] in caplog.text
    assert "inner secret" in caplog.text


def test_a_key_is_required_where_keys_are_configured(
    keyed: tuple[FlaskClient, str, str], default_bundle: SeriesBundle
) -> None:
    client, first, second = keyed
    for path in ("/forecast", "/v1/forecast"):
        for wrong in ({}, {"x-api-key": ""}, {"x-api-key": first + "x"}):
            response = client.post(path, json=newest(default_bundle, 1), headers=wrong)
            assert (response.status_code, response.get_json()["code"]) == (401, "unauthorized")
            assert "x-api-key" in response.headers["WWW-Authenticate"]
            assert "x-api-key, or as Authorization: Bearer" in response.get_json()["detail"]
            assert first not in response.text
        for right in (first, second):
            assert client.post(path, json=newest(default_bundle, 1), headers={"x-api-key": right}).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_without_keys_this_machine_is_answered(client: FlaskClient, default_bundle: SeriesBundle, address: str) -> None:
    posted = client.post("/forecast", json=newest(default_bundle, 1), environ_overrides={"REMOTE_ADDR": address})
    assert posted.status_code == 200


@pytest.mark.parametrize("address", ["10.0.0.7", "::ffff:10.0.0.7", "", "localhost.example"])
def test_without_keys_nobody_else_is_answered(client: FlaskClient, default_bundle: SeriesBundle, address: str) -> None:
    posted = client.post("/forecast", json=newest(default_bundle, 1), environ_overrides={"REMOTE_ADDR": address})
    assert (posted.status_code, posted.get_json()["code"]) == (401, "unauthorized")
    assert "LOCKSTEP_API_KEYS" in posted.get_json()["detail"]


def test_without_keys_a_caller_whose_address_nobody_knows_is_refused(client: FlaskClient) -> None:
    environ = EnvironBuilder("/forecast", method="POST", data=b"{}").get_environ()
    assert "REMOTE_ADDR" not in environ
    answer = run_wsgi_app(client.application, environ)
    assert (answer[1], json.loads(b"".join(answer[0]))["code"]) == ("401 UNAUTHORIZED", "unauthorized")


PROXIES = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"]


@pytest.mark.parametrize("header", PROXIES)
@pytest.mark.parametrize("path", ["/forecast", "/v1/forecast"])
@pytest.mark.parametrize("trusted", [0, 1])
def test_without_keys_nothing_that_a_proxy_forwarded_is_answered(path: str, header: str, trusted: int) -> None:
    client = create_app(Settings(trusted_proxies=trusted)).test_client()
    answer = client.post(path, json={}, headers={header: "127.0.0.1"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthorized")
    assert f"header {header.lower()}" in answer.get_json()["detail"]


@pytest.mark.parametrize("path", ["/forecast", "/v1/forecast", "/metrics", "/version"])
def test_without_keys_nothing_in_http_1_0_is_answered_as_a_proxy_speaks_it(client: FlaskClient, path: str) -> None:
    method = "GET" if path in ("/metrics", "/version") else "POST"
    answer = client.open(path, method=method, environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthorized")
    assert "no request in HTTP/1.0" in answer.get_json()["detail"]


@pytest.mark.parametrize("path", ["/", "/version", "/openapi.json"])
@pytest.mark.parametrize("header", [{"X-Forwarded-For": "10.0.0.7"}, {"Host": "rebound.example"}])
def test_without_keys_what_is_running_is_shown_to_its_own_machine_only(
    client: FlaskClient, keyed: tuple[FlaskClient, str, str], path: str, header: dict[str, str]
) -> None:
    assert client.get(path).status_code == 200
    assert client.get(path, headers=header).status_code == 401
    assert client.get(path, environ_overrides={"REMOTE_ADDR": "10.0.0.7"}).status_code == 401
    assert keyed[0].get(path, headers=header).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_whether_it_lives_is_told_to_everyone(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Via": "1.0 proxy"}).status_code == 200


@pytest.mark.parametrize("path", ["/forecast", "/v1/forecast"])
@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:5000",
        "localhost.example",
        "10.0.0.7",
        "127.0.0.1,x",
        "::1",
        "x@localhost",
        "localhost:5000.rebound.example",
    ],
)
def test_without_keys_no_request_for_another_host_is_answered(client: FlaskClient, path: str, host: str) -> None:
    answer = client.post(path, json={}, headers={"Host": host})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthorized")
    assert "Host header names another" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:5000", "127.0.0.1:5000", "127.8.9.1", "[::1]", "[::1]:5000", ""]
)
def test_without_keys_this_machine_is_answered_under_each_of_its_names(
    client: FlaskClient, default_bundle: SeriesBundle, host: str
) -> None:
    assert client.post("/forecast", json=newest(default_bundle, 1), headers={"Host": host}).status_code == 200


def test_with_a_key_a_service_has_any_name(keyed: tuple[FlaskClient, str, str], default_bundle: SeriesBundle) -> None:
    client, secret, _ = keyed
    headers = {"x-api-key": secret, "Host": "lockstep.example"}
    assert client.post("/forecast", json=newest(default_bundle, 1), headers=headers).status_code == 200


def test_everyone_is_answered_if_the_setting_says_so(default_bundle: SeriesBundle) -> None:
    client = create_app(Settings(allow_anonymous=True)).test_client()
    for environ in (
        {"REMOTE_ADDR": "10.0.0.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_HOST": "lockstep.example"},
    ):
        answer = client.post("/forecast", json=newest(default_bundle, 1), environ_overrides=environ)
        assert answer.status_code == 200


@pytest.mark.parametrize("header", PROXIES)
def test_with_a_key_a_proxy_may_stand_in_front(
    keyed: tuple[FlaskClient, str, str], default_bundle: SeriesBundle, header: str
) -> None:
    client, secret, _ = keyed
    headers = {"x-api-key": secret, header: "10.0.0.7"}
    assert client.post("/forecast", json=newest(default_bundle, 1), headers=headers).status_code == 200


def test_a_key_of_any_letters_is_known_and_no_header_fails(default_bundle: SeriesBundle) -> None:
    secret = "ключ-ü-" * 8
    client = create_app(Settings(api_keys=parse_keys(secret))).test_client()
    as_sent = secret.encode().decode("latin-1")  # how WSGI hands on the bytes of UTF-8
    for key, status in ((as_sent, 200), (secret, 401), ("\xff\xfe", 401), ("\x80" * 9999, 401)):
        environ = {"HTTP_X_API_KEY": key, "HTTP_AUTHORIZATION": f"Bearer {key}"}
        answer = client.post("/forecast", json=newest(default_bundle, 1), environ_overrides=environ)
        assert answer.status_code == status
        assert client.get("/metrics", environ_overrides={**environ, "HTTP_X_API_KEY": ""}).status_code == status


def test_a_model_and_a_version_are_picked_or_named_as_unknown(
    client: FlaskClient, default_bundle: SeriesBundle
) -> None:
    manifest, frame = default_bundle.manifest, newest(default_bundle, 1)
    for asked in ({"model": manifest.name}, {"version": 1}, {"version": "champion", "symbol": "MSFT"}):
        assert client.post("/v1/forecast", json={**frame, **asked}).get_json()["model"]["name"] == manifest.name
    for asked in ({"model": "other"}, {"version": 7}, {"model": manifest.name, "version": "next"}):
        answer = client.post("/v1/forecast", json={**frame, **asked})
        assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown-model")
        assert manifest.name in answer.get_json()["detail"]


def test_a_handler_is_a_function_that_a_test_can_call(default_bundle: SeriesBundle) -> None:
    service = load_service(Settings())
    site = make_site(service, ROUTES, {}, Counters(share_memory()))
    body = json.dumps(newest(default_bundle, 2)).encode()
    environ = EnvironBuilder(method="POST", data=body, content_type="application/json").get_environ()
    environ[RECORD] = record = RequestRecord()
    answer = forecast(site, plain.DOOR, environ, {})
    assert json.loads(json.loads(answer.body)["y_pred"]) == default_bundle.evaluation.y_pred[-2:].tolist()
    assert (record.rows, record.served, list(record.stages_s)) == (2, service.registry.default, list(STAGES))
    assert json.loads(get_ready(site).data)["status"] == "ready"


def test_a_forecast_beyond_the_calendar_has_no_date(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    calendar = default_bundle.calendar
    dates = calendar.session_dates(np.arange(calendar.n_sessions - 200, calendar.n_sessions))
    frame = split_frame(Bars(dates, default_bundle.bars.select(slice(-200, None)).values))
    body = client.post("/v1/forecast", json={**frame, "history": "none"}).get_json()
    assert body["forecast"]["data"][-1][1] is None


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/version"])
def test_what_is_running_is_told_without_a_key(keyed: tuple[FlaskClient, str, str], path: str) -> None:
    assert keyed[0].get(path).status_code == 200


def test_version_tells_exactly_what_is_running(client: FlaskClient, default_bundle: SeriesBundle) -> None:
    told = client.get("/version").get_json()
    assert told["models"][0]["digest"] == default_bundle.manifest.digest
    assert told["libraries"]["numpy"] == default_bundle.manifest.libraries["numpy"]
    assert told["self_check"]["msft/1"]["rows"] == 961
    assert told["self_check"]["msft/1"]["equal"] is True


def test_a_browser_gets_a_page_and_a_program_json(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.content_type.startswith("text/html")
    assert "Next session, Monday" in page.text
    assert client.get("/").get_json()["models"][0]["symbol"] == "MSFT"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("a" * 20, True), ("A1+/=-" * 10, True), ("short", False), ("x" * 201, False), ("a b" * 10, False)],
)
def test_a_well_formed_request_id_is_kept(client: FlaskClient, sent: str, kept: bool) -> None:
    answered = client.get("/health", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert (answered == sent) == kept
    assert len(answered) >= 20


def test_a_process_that_cannot_reproduce_its_evaluation_does_not_serve(unfaithful: Path) -> None:
    with pytest.raises(EvaluationMismatch, match="stage prediction"):
        create_app(Settings(models=(unfaithful,)))


def test_an_open_gate_serves_but_is_not_ready(unfaithful: Path) -> None:
    client = create_app(Settings(models=(unfaithful,), gate="warn")).test_client()
    ready = client.get("/ready")
    assert (ready.status_code, ready.get_json()["status"]) == (503, "not ready")
    assert "stage prediction" in ready.get_json()["reasons"][0]
    assert client.get("/health").status_code == 200


def test_a_tampered_bundle_does_not_serve_even_with_an_open_gate(tmp_path: Path) -> None:
    shutil.copytree(DEFAULT_BUNDLE, tmp_path / "msft" / "1")
    (tmp_path / "msft" / "1" / "model.pkl").write_bytes(b"not the model")
    with pytest.raises(BundleError, match=r"model\.pkl"):
        create_app(Settings(models=(tmp_path / "msft" / "1",), gate="warn"))


LOADED = """
import sys
from lockstep.scoring.settings import read_settings
from lockstep.web.app import create_app
create_app(read_settings())
print(*(name for name in ("lockstep.bundles.unpickle", "scipy", "sklearn") if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("predictor", "loaded"), [("sealed", []), ("pickles", ["lockstep.bundles.unpickle", "scipy", "sklearn"])]
)
def test_a_process_of_exact_forms_neither_imports_scikit_learn_nor_unpickles(predictor: str, loaded: list[str]) -> None:
    environ = {**os.environ, "LOCKSTEP_MODELS": str(DEFAULT_BUNDLE.parent), "LOCKSTEP_PREDICTOR": predictor}
    done = subprocess.run([sys.executable, "-c", LOADED], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.split() == loaded
