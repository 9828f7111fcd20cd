"""The log of the real process: one line a request, nothing secret, and never in the way of an answer."""

import fcntl
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from lockstep.scoring.keys import new_key
from qa.servers import Server
from tests.conftest import BOOT_TIMEOUT_S, ROOT, Start
from tests.unfaithful import write_unfaithful

Line = dict[str, object]
FIELDS = {"request_id", "key", "route", "method", "rows", "status", "code", "duration_ms", "model", "digest"}
ROW = {"columns": ["date", "open", "high", "low", "close", "volume"], "data": [["2013-03-04", 24, 25, 23, 24, 9e6]]}


def read_lines(gunicorn: Server) -> list[Line]:
    return [json.loads(line) for line in gunicorn.log.read_text().splitlines()]


def request_lines(gunicorn: Server) -> list[Line]:
    lines = [line for line in read_lines(gunicorn) if line["logger"] == "lockstep.request"]
    return [line for line in lines if line.get("route") != "/health"]  # asked while the process boots


def send_raw(gunicorn: Server, head: bytes) -> int:
    host, port = gunicorn.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head)
        return int(connection.makefile("rb").readline().split()[1])


def test_each_request_is_one_line_with_every_field(start_gunicorn: Start) -> None:
    secret, key = new_key("postman")
    gunicorn = start_gunicorn(LOCKSTEP_API_KEYS=key.entry)
    gunicorn.wait_until_ready()
    with requests.Session() as session:
        answers = [
            session.post(f"{gunicorn.url}/forecast?q=hunter2", json=ROW, headers={"x-api-key": secret}, timeout=5),
            session.post(f"{gunicorn.url}/forecast", data=b"hunter2", headers={"x-api-key": secret}, timeout=5),
            session.post(f"{gunicorn.url}/forecast", json=ROW, headers={"x-api-key": "hunter2"}, timeout=5),
            session.get(f"{gunicorn.url}/hunter2", timeout=5),
        ]
    gunicorn.stop()
    lines = request_lines(gunicorn)
    assert [(line["key"], line["route"], line["rows"], line["status"], line["code"]) for line in lines] == [
        ("postman", "/forecast", 1, 200, None),
        ("postman", "/forecast", None, 400, "malformed"),
        (None, "/forecast", None, 401, "unauthorized"),
        (None, "unknown", None, 404, "not-found"),
    ]
    for line, answer in zip(lines, answers, strict=True):
        assert set(line) == FIELDS | {"time", "level", "logger", "message"}
        assert line["request_id"] == answer.headers["X-Request-Id"]
        assert line["digest"] == answer.headers["X-Model-Digest"]
        assert line["model"] == answer.headers["X-Model-Version"]
    assert "hunter2" not in gunicorn.log.read_text()
    assert secret not in gunicorn.log.read_text()


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Big: " + b"hunter2" * 9999 + b"\r\n\r\n", "headers-too-large"),
        (b"GET /" + b"hunter2" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "uri-too-long"),
        (b"GET /?hunter2 HTTP/1.1\r\nHost: x\r\nx-api-key hunter2\r\n\r\n", "bad-request"),
        (b"GET /?hunter2 HTTP/1.1\r\nHost: x\r\nx api key: hunter2\r\n\r\n", "bad-request"),
        (b"hunter2\r\n\r\n", "bad-request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: hunter2\r\n\r\n", "not-implemented"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nExpect: hunter2\r\n\r\n", "expectation-failed"),
    ],
)
def test_what_gunicorn_refuses_is_one_line_without_a_word_of_it(shared_log: Server, head: bytes, code: str) -> None:
    before = len(request_lines(shared_log))
    status = send_raw(shared_log, head)
    [line] = request_lines(shared_log)[before:]
    assert (line["status"], line["code"]) == (status, code)
    assert "hunter2" not in shared_log.log.read_text()


@pytest.fixture(scope="module")
def shared_log(start_gunicorn: Start) -> Server:
    gunicorn = start_gunicorn()
    gunicorn.wait_until_ready()
    return gunicorn


def test_boot_reload_and_end_are_json_lines(start_gunicorn: Start) -> None:
    gunicorn = start_gunicorn()
    gunicorn.wait_until_ready()
    gunicorn.process.send_signal(signal.SIGHUP)
    gunicorn.stop()
    messages = " ".join(str(line["message"]) for line in read_lines(gunicorn))
    for part in (
        "961 evaluation rows reproduced to the bit",
        "Listening at",
        "Booting worker",
        "hup",
        "term",
        "Shutting down",
    ):
        assert part in messages


def test_an_open_gate_says_so_in_the_log(start_gunicorn: Start, tmp_path: Path) -> None:
    unfaithful = write_unfaithful(tmp_path / "unfaithful")
    gunicorn = start_gunicorn(LOCKSTEP_MODELS=str(unfaithful), LOCKSTEP_GATE="warn")
    gunicorn.wait_until_ready()
    gunicorn.stop()
    [line] = [line for line in read_lines(gunicorn) if line["level"] == "critical"]
    assert str(line["message"]).startswith("LOCKSTEP_GATE=warn: serving although the self-check failed")


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-", ">&- 2>&-"])
def test_a_full_or_closed_stdout_breaks_neither_answers_nor_the_end(start_gunicorn: Start, redirect: str) -> None:
    gunicorn = start_gunicorn(redirect=redirect)
    gunicorn.wait_until_ready()
    for _ in range(20):
        answer = requests.post(f"{gunicorn.url}/forecast", json=ROW, timeout=5)
        assert (answer.status_code, list(answer.json())) == (200, ["y_pred"])
    assert requests.get(f"{gunicorn.url}/metrics", timeout=5).ok
    assert gunicorn.stop() == 0
    assert gunicorn.log.read_text() == ""


def test_a_reader_that_stops_holds_no_answer_up_and_learns_what_it_missed(
    start_gunicorn: Start, tmp_path: Path
) -> None:
    pipe = tmp_path / "log"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    gunicorn = start_gunicorn(redirect=f"> {pipe} 2>&1")
    gunicorn.wait_until_ready()
    booted = os.read(reader, 2**20)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)  # full after ten requests
    for path in ("/forecast", "/hunter2") * 25:
        assert requests.post(f"{gunicorn.url}{path}", json=ROW, timeout=5).status_code == (
            200 if path == "/forecast" else 404
        )
    [lost] = re.findall(
        r"^lockstep_log_lines_dropped_total (.*)", requests.get(f"{gunicorn.url}/metrics", timeout=5).text, re.M
    )
    assert float(lost) > 20
    kept = os.read(reader, 2**20)
    for _ in gunicorn.workers * 5:  # each says what it lost itself
        requests.post(f"{gunicorn.url}/forecast", json=ROW, timeout=5)
    assert gunicorn.stop() == 0
    lines = [json.loads(line) for line in (booted + kept + os.read(reader, 2**20)).splitlines()]
    os.close(reader)
    told = [str(line["message"]) for line in lines if "lines of the log are lost" in str(line["message"])]
    assert told
    assert all(message.split()[0].isdigit() for message in told)


@pytest.mark.parametrize(("environ", "is_json"), [({}, False), ({"LOCKSTEP_LOG": "json"}, True)])
def test_a_person_at_a_terminal_reads_text_unless_json_is_asked_for(environ: dict[str, str], is_json: bool) -> None:
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "lockstep", "serve", "--port", "1"]
    wrong = {**os.environ, "LOCKSTEP_MODELS": "/nowhere", **environ}
    with subprocess.Popen(command, cwd=ROOT, stdout=terminal, stderr=terminal, env=wrong) as process:
        assert process.wait(BOOT_TIMEOUT_S) == 1
    os.close(terminal)
    line = os.read(master, 4096).decode()
    os.close(master)
    assert "not serving: no model in /nowhere; train one" in line
    assert line.startswith("{") == is_json
