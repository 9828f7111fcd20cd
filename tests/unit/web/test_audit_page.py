"""The audit page: what it says of this process, and that its script knows the checks of the suite."""

import re
from typing import Any, get_args

import msgspec
import pytest
from flask.testing import FlaskClient
from msgspec import UNSET, UnsetType

from lockstep.bundles.series import SeriesBundle
from lockstep.parity.certificate import Certificate, CertifiedCheck, CertifiedSplit
from lockstep.parity.checks import CHECKS_OF
from lockstep.parity.proof import ArmEntry
from lockstep.parity.record import BundleEntry
from lockstep.parity.split.checks import SPLIT_CHECKS
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from lockstep.web.assets import FOLDER
from lockstep.web.headers import CONSOLE_POLICY

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture(scope="module")
def page(client: FlaskClient) -> str:
    return client.get("/audit").text


def read_names(text: str) -> list[str]:
    return re.findall(r'"([a-z]+)"', text)


def test_the_page_says_what_runs_here(client: FlaskClient, page: str, default_bundle: SeriesBundle) -> None:
    version = client.get("/version").get_json()
    assert default_bundle.manifest.digest in page
    assert version["commit"] in page
    for name, number in version["libraries"].items():
        assert f"{name} {number}" in page


def test_the_commands_of_the_page_name_this_service(page: str) -> None:
    assert "lockstep parity http://localhost --bundle FOLDER --certificate parity.json --sign parity.key" in page
    assert "lockstep parity http://localhost --bundle FOLDER --json &gt; report.json" in page


def test_without_script_the_page_names_the_command_and_shows_no_field(page: str) -> None:
    assert "lockstep parity --check-certificate FILE --public-key KEY" in page
    assert '<div class="drop" hidden>' in page
    assert "<noscript" not in page


def test_the_script_knows_the_checks_of_a_whole_run() -> None:
    told = (FOLDER / "audit_checks.js").read_text()
    [run] = re.findall(r"const RUN = \[(.*?)\]", told, re.DOTALL)
    [table] = re.findall(r"table: \[(.*?)\]", told)
    [panel] = re.findall(r"panel: \[\.\.\.RUN\.slice\(0, -1\), (.*?)\]", told)
    [split] = re.findall(r"SPLIT_CHECKS = \[(.*?)\]", told)
    known = {"series": read_names(run), "table": read_names(table)}
    known["panel"] = [*known["series"][:-1], *read_names(panel)]
    assert known == {kind: [check.name for check in checks] for kind, checks in CHECKS_OF.items()}
    assert read_names(split) == [check.name for check in SPLIT_CHECKS]


FORMS: dict[str, type[msgspec.Struct]] = {
    "CHECK": CertifiedCheck,
    "BUNDLE": BundleEntry,
    "ARM": ArmEntry,
    "SPLIT": CertifiedSplit,
    "CERTIFICATE": Certificate,
}
WORDS = {"string": str, "string or null": str | None, "integer": int, "number": float, "texts": dict[str, str]}


@pytest.mark.parametrize("name", FORMS)
def test_the_script_knows_the_members_of_a_certificate_in_order(name: str) -> None:
    script = (FOLDER / "audit_form.js").read_text()
    [members] = re.findall(rf"const {name} = {{(.*?)}};", script, re.DOTALL)
    found = re.findall(r'"?(\w+)(\??)"?: (?:"([\w ]+)"|(\[?\w+\]?))', members)
    found += re.findall(rf'^{name}\["(\w+)(\??)"\] = (?:"([\w ]+)"|(\[\w+\]));', script, re.MULTILINE)
    assert [(member, bool(mark), _name_type(word, form)) for member, mark, word, form in found] == [
        (field.name, field.default is UNSET, _strip(field.type)) for field in msgspec.structs.fields(FORMS[name])
    ]


def _name_type(word: str, form: str) -> Any:
    if word:
        return WORDS[word]
    held = FORMS[form.strip("[]")]
    return list[held] if form.startswith("[") else held  # type: ignore[valid-type]


def _strip(held: Any) -> Any:
    """Return a type without `UnsetType`, and with the class in place of its name."""
    kept = [each for each in get_args(held) if each is not UnsetType]
    [stripped] = kept if UnsetType in get_args(held) else [held]
    return list[Certificate] if str(stripped).endswith("Certificate]") else stripped


def test_the_script_reads_members_that_certificates_have() -> None:
    read = set(re.findall(r"\btold\.(\w+)", (FOLDER / "audit_reading.js").read_text()))
    of_reports = {"records", "service", "service_commit", "started"}
    assert read - of_reports <= {*Certificate.__struct_fields__}


def test_nothing_of_the_audit_is_sent_but_the_question_what_runs_here() -> None:
    scripts = [path.read_text() for path in FOLDER.glob("audit*.js")]
    assert [call for script in scripts for call in re.findall(r"fetch\((.*?)[,)]", script)] == ['"/version"']
    assert not any(re.search(r"XMLHttpRequest|sendBeacon|WebSocket|innerHTML", script) for script in scripts)


def test_a_service_with_keys_shows_it_to_everyone(keyed: tuple[FlaskClient, str, str]) -> None:
    assert keyed[0].get("/audit", environ_overrides=ELSEWHERE).status_code == 200
    assert keyed[0].get("/version", environ_overrides=ELSEWHERE).status_code == 200


def test_without_keys_it_is_for_its_own_machine() -> None:
    client = create_app(Settings()).test_client()
    assert client.get("/audit", environ_overrides=ELSEWHERE).status_code == 401


def test_it_has_the_policy_of_the_console(client: FlaskClient, page: str) -> None:
    assert client.get("/audit").headers.getlist("Content-Security-Policy") == [CONSOLE_POLICY]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! type=\"module\" src=\"/static/)", page)
