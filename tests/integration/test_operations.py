"""What docs/operations.md and the files beside it say is compared with what the service does."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

from lockstep.scoring.keys import find_key, new_key, parse_keys
from lockstep.scoring.kinds import KINDS
from lockstep.scoring.record import RequestRecord
from qa.default_bundle import DEFAULT_BUNDLE
from tests.conftest import BOOT_TIMEOUT_S, ROOT, Start
from tests.integration.broken import BREAKS, Break

PAGE = (ROOT / "docs" / "operations.md").read_text()
ALERTS = yaml.safe_load((ROOT / "docs" / "operations" / "alerts.yml").read_text())
DASHBOARD = json.loads((ROOT / "docs" / "operations" / "dashboard.json").read_text())
OF_PROMETHEUS = {"up": {"job", "instance"}}
"""What every target has, whatever it exposes."""
ELLIPSIS = "…"

Labels = dict[str, set[str]]
Rule = dict[str, Any]


def rows(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    assert table, heading
    return [[cell.strip() for cell in row] for row in table]


def first_cells(heading: str) -> list[str]:
    return [row[0].strip("`") for row in rows(heading)]


@pytest.fixture(scope="module")
def exposed(start_gunicorn: Start) -> Labels:
    """The labels of each metric of a service that has forecast, and refused."""
    gunicorn = start_gunicorn()
    gunicorn.wait_until_ready()
    bar = ["2013-03-04", 24, 25, 23, 24, 9e6]
    frame = {"columns": ["date", "open", "high", "low", "close", "volume"], "data": [bar]}
    assert requests.post(f"{gunicorn.url}/forecast", json=frame, timeout=5).ok
    assert not requests.post(f"{gunicorn.url}/forecast", data=b"{", timeout=5).ok
    labels: Labels = {}
    for family in text_string_to_metric_families(requests.get(f"{gunicorn.url}/metrics", timeout=5).text):
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


@pytest.fixture
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The reason for which a process refuses to boot with a broken bundle, models/msft/1."""
    break_bundle: Break = request.param
    shutil.copytree(DEFAULT_BUNDLE, tmp_path / "models" / "msft" / "1")
    environ = {**os.environ, "LOCKSTEP_MODELS": "models/msft/1", **break_bundle(tmp_path / "models" / "msft" / "1")}
    ended = subprocess.run(
        [sys.executable, "-m", "lockstep", "serve", "--port", "1"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=BOOT_TIMEOUT_S, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (1, "")
    [reason] = [json.loads(line) for line in ended.stdout.splitlines() if '"critical"' in line]
    return str(reason["message"]).replace(f"{tmp_path.resolve()}/", "")


@pytest.mark.parametrize("broken", BREAKS, indirect=True, ids=lambda found: found.__name__)
def test_the_message_of_each_failed_boot_is_in_the_page(broken: str) -> None:
    shown = [cell.partition(ELLIPSIS)[0] if cell.endswith(ELLIPSIS) else cell for cell in first_cells("A failed boot")]
    message = broken.replace("`", "")
    assert [start for start in shown if message.startswith(f"not serving: {start}")], broken


def test_the_page_shows_no_message_that_nothing_gives() -> None:
    assert len(first_cells("A failed boot")) == len(BREAKS)


def test_every_code_is_explained() -> None:
    assert set(first_cells("Codes")) == {kind.code for kind in KINDS}


def test_every_field_of_the_log_is_explained() -> None:
    told = ["time", "level", "logger", "message", "traceback", *RequestRecord("GET", "/").fields()]
    assert first_cells("Log") == told


def test_every_metric_and_its_labels_are_in_the_page(exposed: Labels) -> None:
    shown = {name.strip("`"): set(labels.split(", ")) - {""} for name, labels, _ in rows("Metrics")}
    families: Labels = {}
    for name, labels in exposed.items():
        families.setdefault(re.sub(r"_seconds_(bucket|sum|count)$", "_seconds", name), set()).update(labels - {"le"})
    assert shown == families


def test_every_alert_has_its_next_step_in_the_page() -> None:
    assert [cell for cell in first_cells("Look") if cell.startswith("Lockstep")] == alert_names()


def alert_names() -> list[str]:
    return [rule["alert"] for rule in alert_rules()]


def alert_rules() -> list[Rule]:
    [group] = ALERTS["groups"]
    rules: list[Rule] = group["rules"]
    return rules


def queries() -> Iterator[tuple[str, str]]:
    """Each query of the alerts and the dashboard, and the text that shows its labels."""
    for rule in alert_rules():
        yield rule["expr"], rule["annotations"]["summary"]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"], target["legendFormat"]


def find_unexposed(query: str, shown: str, exposed: Labels) -> set[str]:
    """Return the metrics and labels that a query or its text names, and the service has not."""
    known = {**OF_PROMETHEUS, **exposed}
    bare = re.sub(r'"[^"]*"', "", query)
    metrics = set(re.findall(r"\b(?:lockstep_\w+|up)\b", bare))
    selected = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)(?!=)", bare))
    grouped = set(re.findall(r"\w+", " ".join(re.findall(r"\b(?:by|on) \(([^)]*)\)", bare))))
    named = set(re.findall(r"\$labels\.(\w+)|\{\{(\w+)\}\}", shown))
    used = selected | grouped | {first or second for first, second in named}
    has = set().union(OF_PROMETHEUS["up"], *(known.get(metric, set()) for metric in metrics))
    return (metrics - set(known)) | (used - has) if metrics else {query}


def test_the_alerts_and_the_dashboard_name_only_what_the_service_exposes(exposed: Labels) -> None:
    found = list(queries())
    assert len(found) > len(alert_rules())
    assert {query: find_unexposed(query, shown, exposed) for query, shown in found} == {
        query: set() for query, _ in found
    }


@pytest.mark.parametrize(
    ("query", "shown", "wrong"),
    [
        ("rate(lockstep_request_total[5m])", "", "lockstep_request_total"),
        ('lockstep_requests_total{state="500"}', "", "state"),
        ("sum by (status, path) (lockstep_requests_total)", "", "path"),
        ("lockstep_ready", "{{ $labels.symbol }}", "symbol"),
        ("lockstep_errors_total", "{{status}}", "status"),
        ("1 > 0", "", "1 > 0"),
    ],
)
def test_a_name_that_the_service_has_not_is_found(query: str, shown: str, wrong: str, exposed: Labels) -> None:
    assert find_unexposed(query, shown, exposed) == {wrong}


def test_every_alert_says_how_bad_it_is_and_what_happened() -> None:
    assert len(set(alert_names())) == len(alert_names())
    for rule in alert_rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]


def test_the_job_of_the_scrape_is_the_one_that_the_alerts_ask_for() -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    [job] = yaml.safe_load(text)["scrape_configs"]
    assert {name for query, _ in queries() for name in re.findall(r'job="(\w+)"', query)} == {job["job_name"]}
    assert set(job["authorization"]) == {"credentials_file"}


def shell_lines() -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def test_the_curl_lines_of_the_page_are_answered(start_gunicorn: Start) -> None:
    secret, key = new_key("prometheus")
    gunicorn = start_gunicorn(LOCKSTEP_API_KEYS=key.entry)
    gunicorn.wait_until_ready()
    lines = [line for line in shell_lines() if line.startswith("curl")]
    assert len(lines) == 3
    for line, part in zip(lines, ('"ready"', '"digest"', "lockstep_ready 1.0"), strict=True):
        command = line.replace("curl", "curl --fail", 1).replace("http://127.0.0.1:5000", gunicorn.url)
        shell = ["bash", "-c", command.replace("KEY", secret)]
        told = subprocess.run(shell, capture_output=True, text=True, timeout=10, check=True)
        assert part in told.stdout


def test_the_key_command_of_the_page_makes_an_entry_to_add() -> None:
    [line] = [line for line in shell_lines() if "keys new" in line]
    arguments = line.split()[1:]
    command = [sys.executable, "-m", "lockstep", *arguments]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout
    secret, entry = (line.split()[1] for line in told.splitlines())
    _, old = new_key("postman")
    found = find_key(parse_keys(f"{old.entry},{entry}"), secret.encode())
    assert found is not None
    assert found.name == arguments[-1]


def test_the_emergency_of_the_page_is_a_command_that_serves(start_gunicorn: Start) -> None:
    [line] = [line for line in shell_lines() if "GATE" in line]
    setting, _, command = line.partition(" ")
    assert command == ".venv/bin/lockstep serve"
    gunicorn = start_gunicorn(**dict([setting.split("=")]))
    gunicorn.wait_until_ready()
    assert requests.get(f"{gunicorn.url}/ready", timeout=5).status_code == 200


def test_every_command_of_the_page_is_run_here() -> None:
    assert len(shell_lines()) == 5
