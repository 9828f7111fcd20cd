"""docs/security.md states the headers, the limits, the settings and the open routes that the service has."""

import re
import shlex

import pytest
from flask.testing import FlaskClient

from lockstep.runtimes.gunicorn.connection import ARRIVAL_S
from lockstep.scoring.keys import ApiKey
from lockstep.scoring.problems import MAX_DETAIL_CHARACTERS
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from lockstep.web.headers import CONSOLE_POLICY, SECURITY_HEADERS
from tests.api_tables import VARIABLES
from tests.commands import COMMAND, run_command
from tests.pages import find_blocks, read_page

PAGE = read_page("docs/security.md")
HTTP_OK, HTTP_UNAUTHORIZED = 200, 401


@pytest.fixture(scope="module")
def keyed() -> FlaskClient:
    """A service with a key, asked without it."""
    return create_app(Settings(api_keys=(ApiKey("alice", "0" * 64),))).test_client()


def test_the_shown_policy_and_headers_are_those_of_the_service(keyed: FlaskClient) -> None:
    [shown] = find_blocks(PAGE, "text")
    assert shown.strip() == f"Content-Security-Policy: {CONSOLE_POLICY}"
    headers = keyed.get("/health").headers
    for name, value in SECURITY_HEADERS.items():
        assert headers[name] == value
        assert f"`{name}: {value}`" in PAGE


def test_the_routes_that_it_calls_open_need_no_key_and_the_others_do(keyed: FlaskClient) -> None:
    [sentence] = re.findall(r"Everyone may see what the service is: (.*?)\. The", PAGE, re.DOTALL)
    for path in re.findall(r"`(/\w*(?:\.json)?)`", sentence):
        assert keyed.get(path).status_code == HTTP_OK, path
    for path in ("/metrics", "/v1/models/msft/report", "/v1/models/msft/versions/1/report"):
        assert keyed.get(path).status_code == HTTP_UNAUTHORIZED, path
    assert keyed.post("/v1/forecast", json={}).status_code == HTTP_UNAUTHORIZED


def test_the_settings_of_the_page_exist_and_have_the_limits_that_it_states() -> None:
    assert set(re.findall(r"`(LOCKSTEP_\w+)", PAGE)) <= VARIABLES
    settings = Settings()
    assert f"`LOCKSTEP_MAX_BODY_BYTES`, {settings.max_body_bytes // 2**20} MiB |" in PAGE
    assert f"`LOCKSTEP_MAX_ROWS`, {settings.max_rows:,} |" in PAGE
    assert settings.rate_limit
    assert f"`LOCKSTEP_RATE_LIMIT`, {settings.rate_limit.requests:,} a {settings.rate_limit.period} |" in PAGE
    assert f"| {ARRIVAL_S:.0f} s, under gunicorn |" in PAGE
    assert f"at most {MAX_DETAIL_CHARACTERS} characters" in PAGE


def test_the_command_makes_a_key_and_an_entry_without_it() -> None:
    [line] = [text for block in find_blocks(PAGE, "sh") for text in block.splitlines()]
    program, *arguments = shlex.split(line)
    assert program == COMMAND
    printed = run_command(*arguments).check_output()
    assert re.search(r"alice:[0-9a-f]{64}", printed)
