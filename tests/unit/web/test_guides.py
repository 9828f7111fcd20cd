"""What a browser is told that asks where there is nothing to see, and what a program is."""

import html
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LogisticRegression

from lockstep.doors.door import Route
from lockstep.scoring.keys import new_key
from lockstep.scoring.settings import Settings
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import ROUTES, create_app
from lockstep.web.headers import CONSOLE_POLICY
from qa.default_bundle import DEFAULT_BUNDLE
from tests.small_tables import make_gaps, save_table

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
VARIABLE = re.compile(r"\{\w+\}")
KEYED, KEY = new_key("me"), "KEY"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = TableRecipe("sales", "is_dear", LogisticRegression())
    return save_table(tmp_path_factory.mktemp("models"), make_gaps().without("value"), recipe).parent


@pytest.fixture(scope="module")
def tables(folder: Path) -> FlaskClient:
    return create_app(Settings(models=(folder,), rate_limit=None)).test_client()


@pytest.fixture(scope="module")
def both(folder: Path) -> FlaskClient:
    """A service of the default series and a table."""
    return create_app(Settings(models=(DEFAULT_BUNDLE, folder), rate_limit=None)).test_client()


def look(client: FlaskClient, path: str, **sent: Any) -> tuple[int, str]:
    headers = {"Accept": BROWSER, **sent.pop("headers", {})}
    answer = client.get(path, headers=headers, **sent)
    return answer.status_code, answer.text


def read_command(page: str) -> list[str]:
    [shown] = re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    command, body = html.unescape(shown).split(" @- <<'JSON'\n")
    return [*shlex.split(command.replace("\\\n", " ")), body.removesuffix("\nJSON")]


def send(client: FlaskClient, command: list[str], secret: str = "") -> int:
    """Send what a command of curl sends; return the status."""
    _, _, url, *options = command
    pairs = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.replace(KEY, secret).split(": ", 1) for option, value in pairs if option == "-H")
    [body] = [value for option, value in pairs if option == "-d"]
    return client.post(url.removeprefix("http://localhost"), data=body, headers=headers).status_code


SERIES_PATHS = ["/forecast", "/v1/forecast", "/invocations", "/v2/models/none/infer", "/no/such"]


@pytest.mark.parametrize("path", SERIES_PATHS)
def test_a_browser_is_shown_a_command_that_is_answered(client: FlaskClient, path: str) -> None:
    status, page = look(client, path)
    assert status == (404 if path == "/no/such" else 405)
    assert send(client, read_command(page)) == 200
    assert '<a href="/">' in page


@pytest.mark.parametrize("path", ["/predict", "/v1/predict", "/score", "/no/such"])
def test_a_service_of_a_table_shows_a_row_of_it(tables: FlaskClient, path: str) -> None:
    _, page = look(tables, path)
    assert send(tables, read_command(page)) == 200


def test_a_route_for_another_kind_shows_the_one_that_answers(
    client: FlaskClient, tables: FlaskClient, both: FlaskClient
) -> None:
    cases = (
        (client, "/predict", "/v1/forecast"),
        (both, "/predict", "/v1/forecast"),
        (tables, "/forecast", "/v1/predict"),
    )
    for service, path, main in cases:
        _, page = look(service, path)
        assert f"<h1><code>{path}</code> takes POST</h1>" in page
        assert "It does not serve the default model" in page
        assert read_command(page)[2].endswith(main)
        assert send(service, read_command(page)) == 200


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "POST"], ids=lambda route: route.name)
def test_every_route_that_takes_a_body_has_a_page(client: FlaskClient, tables: FlaskClient, route: Route) -> None:
    for service in (client, tables):
        status, page = look(service, VARIABLE.sub("x", route.path))
        assert (status, f"<h1><code>{route.path}</code> takes POST</h1>" in page) == (405, True)


def test_the_page_says_what_the_route_takes(client: FlaskClient) -> None:
    _, page = look(client, "/forecast")
    assert "<h1><code>/forecast</code> takes POST</h1>" in page
    assert "one in <code>dataframe_split</code>; dates" in look(client, "/no/such")[1]
    assert "Forecast the rows of a split-oriented frame" in page


def test_the_page_has_the_headers_of_the_problem(client: FlaskClient) -> None:
    page, problem = (client.get("/forecast", headers={"Accept": accept}) for accept in (BROWSER, "*/*"))
    differ = {"Content-Type", "Content-Length", "X-Request-Id", "Content-Security-Policy", "Vary"}
    assert {name: value for name, value in page.headers if name not in differ} == {
        name: value for name, value in problem.headers if name not in differ
    }
    assert page.headers["Allow"] == "OPTIONS, POST"
    assert page.headers["X-Request-Id"] in page.text
    assert page.headers.getlist("Content-Security-Policy") == [CONSOLE_POLICY]
    assert not re.search(r"<script(?![^>]*src=)|<img|<form|\sstyle=|\son\w+=", page.text)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json, text/html", "image/png", ""])
def test_a_program_gets_the_problem(client: FlaskClient, accept: str) -> None:
    answer = client.get("/forecast", headers={"Accept": accept})
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert answer.get_json()["detail"].startswith("send POST with a body of application/json: Forecast the rows")
    assert client.get("/no/such", headers={"Accept": accept}).content_type == "application/problem+json"


def test_what_is_posted_gets_the_problem_whatever_it_accepts(client: FlaskClient) -> None:
    answer = client.post("/health", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert answer.get_json()["detail"].startswith("send GET: Whether the process is alive")


def test_a_service_with_keys_shows_where_the_key_goes() -> None:
    secret, key = KEYED
    client = create_app(Settings(api_keys=(key,))).test_client()
    _, page = look(client, "/forecast", headers={"x-api-key": secret})
    assert "write your key in place of KEY" in page
    assert f"x-api-key: {KEY}" in read_command(page)
    assert send(client, read_command(page), secret) == 200


def test_a_service_with_keys_shows_its_rows_to_nobody_without_one() -> None:
    client = create_app(Settings(api_keys=(KEYED[1],))).test_client()
    status, page = look(client, "/forecast")
    assert (status, "2013-03-01" in page, "<pre>" in page) == (405, False, False)
    assert "<code>/openapi.json</code> describes the body." in page


def test_what_only_this_machine_may_see_is_shown_to_nobody_else(client: FlaskClient) -> None:
    status, page = look(client, "/forecast", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert (status, "2013-03-01" in page, "<pre>" in page, "msft" in page) == (405, False, False, False)
    assert "<code>/openapi.json</code> describes the body." in page


@pytest.mark.parametrize("path", ["/<script>alert(1)</script>", "/v2/models/$(reboot)';`id`/infer", "/%00", "/a\u00e4"])
def test_nothing_that_a_browser_sends_is_markup_or_a_command(client: FlaskClient, path: str) -> None:
    status, page = look(client, path)
    assert status in (404, 405)
    assert "<script>" not in page
    assert len(read_command(page)) == 7


@pytest.mark.parametrize("host", ["", "a b", 'localhost:"<b>', "localhost:99999", "[::1", "\u00e4"])
def test_no_host_header_breaks_the_page(host: str) -> None:
    client = create_app(Settings(allow_anonymous=True)).test_client()
    answer = client.get("/forecast", headers={"Accept": BROWSER}, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == 405
    assert "<b>" not in answer.text


def test_a_route_of_the_user_has_no_summary() -> None:
    app = create_app(Settings())
    app.add_url_rule("/own", "own", lambda: "", methods=["POST"])
    status, page = look(app.test_client(), "/own")
    assert (status, "POST /v1/forecast" in page) == (405, True)
    assert app.test_client().get("/own").get_json()["detail"] == (
        "the route takes other methods; the header Allow names them"
    )


KSERVE = ". This is KServe's first protocol; the second is here: POST /v2/models/msft/infer"
SLASH = ". Without the additional slash there is one: "


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/forecast/", f"{SLASH}/forecast"),
        ("/v1//forecast", f"{SLASH}/v1/forecast"),
        ("/v1/models/msft:predict", KSERVE),
        ("/v1/models/msft", KSERVE),
        ("/nowhere", ""),
        ("/nowhere/", ""),
    ],
)
def test_a_path_without_a_route_is_answered_with_the_one_that_may_be_meant(
    client: FlaskClient, path: str, hint: str
) -> None:
    problem = client.post(path, json={}).get_json()
    assert (problem["code"], problem["detail"]) == (
        "not-found",
        f"no route has this path; GET / lists the routes{hint}",
    )


def test_a_member_of_the_body_in_the_address_is_refused(client: FlaskClient) -> None:
    body = {"columns": ["open"], "data": [[1.0]]}
    problem = client.post("/v1/forecast?level=90", json=body).get_json()
    assert (problem["code"], problem["detail"]) == (
        "malformed",
        "`level` is in the query of the URL; send it as a member of the body; "
        "it is a list of whole percents, such as [80]",
    )
    assert client.post("/v1/forecast?trace_id=1", json=body).get_json()["code"] == "invalid-input"
