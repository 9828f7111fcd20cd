"""The report card over HTTP: JSON for programs, a page for browsers, computed when it is first asked for."""

import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LogisticRegression

from lockstep.bundles.versions import set_alias
from lockstep.report_card.building import make_report_card
from lockstep.report_card.card import ReportCard
from lockstep.scoring.rates import Rate
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from lockstep.web.headers import CONSOLE_POLICY, describe_policy
from qa.default_bundle import DEFAULT_BUNDLE
from tests.pages import copy_application
from tests.small_tables import make_gaps, save_table

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
REPORT = "/v1/models/msft/report"
BUILDING = "lockstep.web.reports.make_report_card"


@pytest.fixture
def versions(tmp_path: Path) -> FlaskClient:
    """A service of two versions of the default model; the first is the champion, the second the challenger."""
    model = copy_application(tmp_path) / "models" / "msft"
    (model / "1").rename(model / "2")
    copy_application(tmp_path / "again")
    (tmp_path / "again" / "models" / "msft" / "1").rename(model / "1")
    set_alias(model, "challenger", 2)
    return create_app(Settings(models=(model,), rate_limit=None)).test_client()


def test_a_program_gets_the_card_and_a_browser_the_page(client: FlaskClient) -> None:
    answer = client.get(REPORT)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    card = msgspec.json.decode(answer.data, type=ReportCard)
    assert (card.model, card.version, card.rows) == ("msft", 1, 960)
    page = client.get(REPORT, headers=BROWSER)
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert card.verdict.tested
    assert card.verdict.tested in page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_policy_allows_the_style_of_the_page_and_nothing_else(client: FlaskClient) -> None:
    answer = client.get(REPORT, headers=BROWSER)
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in describe_policy()
    assert answer.headers["Content-Security-Policy"] == describe_policy()
    assert "unsafe" not in describe_policy()


def test_a_version_is_named_by_its_number_or_its_alias(versions: FlaskClient) -> None:
    for path, version in (("report", 1), ("versions/2/report", 2), ("versions/challenger/report", 2)):
        answer = versions.get(f"/v1/models/msft/{path}")
        assert answer.get_json()["version"] == version
        assert answer.headers["X-Model-Version"] == f"msft/{version}"


@pytest.mark.parametrize("path", ["/v1/models/nope/report", "/v1/models/msft/versions/9/report"])
def test_an_unknown_model_or_version_is_a_problem_that_names_what_there_is(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown-model")
    assert "msft" in answer.get_json()["detail"]


def test_each_model_has_a_card_of_its_own(tmp_path: Path, measured_once: None) -> None:
    folder = save_table(tmp_path, make_gaps(60).without("value"), TableRecipe("sales", "is_dear", LogisticRegression()))
    client = create_app(Settings(models=(DEFAULT_BUNDLE, folder), rate_limit=None)).test_client()
    cards = [client.get(f"/v1/models/{model}/report").get_json() for model in ("sales", "msft", "sales")]
    assert [(card["model"], card["kind"]) for card in cards] == [
        ("sales", "table"),
        ("msft", "series"),
        ("sales", "table"),
    ]


def test_the_page_of_the_service_leads_to_the_report_of_each_version(versions: FlaskClient) -> None:
    pages = re.findall(r'<a href="(/\?model=[^"]*)"', versions.get("/", headers=BROWSER).text)
    shown = [versions.get(unescape(page), headers=BROWSER).text for page in dict.fromkeys(pages)]
    links = [re.findall(r'<a href="([^"]*/report)">', page)[0] for page in shown]
    answers = [versions.get(link, headers=BROWSER) for link in links]
    assert [answer.headers["X-Model-Version"] for answer in answers] == ["msft/1", "msft/2"]


def test_a_card_is_made_once_and_not_at_boot() -> None:
    with patch(BUILDING, wraps=make_report_card) as made:
        client = create_app(Settings(rate_limit=None)).test_client()
        assert made.call_count == 0
        answers = [client.get(REPORT, headers=headers).data for headers in ({}, BROWSER, {}, BROWSER)]
        assert made.call_count == 1
    assert answers[:2] == answers[2:]


def test_a_service_without_keys_shows_its_report_to_its_own_machine_only(client: FlaskClient) -> None:
    answer = client.get(REPORT, environ_overrides={"REMOTE_ADDR": "10.0.0.7"})
    assert answer.status_code == client.get("/version", environ_overrides={"REMOTE_ADDR": "10.0.0.7"}).status_code
    assert answer.status_code in (401, 403)


@pytest.mark.parametrize("path", [REPORT, "/v1/models/msft/versions/1/report", "/v1/models/nope/report"])
def test_a_service_with_keys_shows_its_report_to_callers_with_a_key(
    keyed: tuple[FlaskClient, str, str], path: str
) -> None:
    client, secret, _ = keyed
    stranger = {"REMOTE_ADDR": "10.0.0.7"}
    assert client.get("/version", environ_overrides=stranger).status_code == 200
    for headers in ({}, {"x-api-key": "wrong"}):
        answer = client.get(path, headers=headers, environ_overrides=stranger)
        refused = answer.get_json()
        assert (answer.status_code, refused["code"]) == (401, "unauthorized")
        del refused["request_id"]  # any digits may be in it
        assert "960" not in str(refused)
    found = client.get(path, headers={"x-api-key": secret}, environ_overrides=stranger)
    assert found.status_code == (404 if "nope" in path else 200)


def test_a_browser_without_a_key_gets_a_field_for_it_and_nothing_of_the_report(
    keyed: tuple[FlaskClient, str, str],
) -> None:
    client, secret, _ = keyed
    answer = client.get(REPORT, headers=BROWSER)
    assert (answer.status_code, answer.content_type) == (401, "text/html; charset=utf-8")
    assert 'data-part="key"' in answer.text
    assert "verdict" not in answer.text
    assert answer.headers["Content-Security-Policy"] == CONSOLE_POLICY
    shown = client.get(REPORT, headers={**BROWSER, "x-api-key": secret})
    assert shown.status_code == 200
    assert 'class="verdict"' in shown.text
    assert secret not in shown.text


def test_reports_and_views_count_for_the_limit() -> None:
    client = create_app(Settings(rate_limit=Rate(3, "hour"))).test_client()
    answers = [client.get(path, headers=BROWSER) for path in ("/", REPORT, "/", REPORT, "/")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]


def test_other_methods_are_refused_in_words(client: FlaskClient) -> None:
    answer = client.post(REPORT)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.head(REPORT).status_code == 200
