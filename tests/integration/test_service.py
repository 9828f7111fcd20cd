"""The real process: how it boots, answers, refuses and stops."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
import requests

from lockstep.bundles.series import SeriesBundle
from lockstep.parity.answers import read_json
from lockstep.parity.bodies import split_frame
from lockstep.parity.client import ServiceClient
from lockstep.scoring.keys import new_key
from qa.servers import App, Server
from tests.bad_requests import send
from tests.conftest import ROOT, Start
from tests.unfaithful import write_unfaithful


def test_boot_is_refused_on_an_open_address_without_keys(start_gunicorn: Start) -> None:
    gunicorn = start_gunicorn(LOCKSTEP_HOST="0.0.0.0")  # noqa: S104 -- that is what is refused
    assert gunicorn.process.wait(30) != 0
    assert "refusing to bind 0.0.0.0 without API keys" in gunicorn.log.read_text()


@pytest.mark.parametrize("address", ["0.0.0.0:0", "unix:{folder}/socket"])
def test_boot_is_refused_when_gunicorns_own_flag_opens_the_address(address: str, tmp_path: Path) -> None:
    address = address.format(folder=tmp_path)
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "backend/gunicorn.conf.py"]
    ended = subprocess.run(
        [*gunicorn, "-b", address, "backend.wsgi:app"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode != 0
    assert f"refusing to bind {address.removesuffix(':0')} without API keys" in ended.stdout


@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        ({"LOCKSTEP_MAX_ROWS": "many"}, "LOCKSTEP_MAX_ROWS is 'many'"),
        ({"LOCKSTEP_MODELS": "/nowhere"}, "no model in /nowhere"),
        ({"LOCKSTEP_BUNDLES": "models/msft"}, "LOCKSTEP_BUNDLES is called LOCKSTEP_MODELS now"),
        ({"LOCKSTEP_API_KEYS": "hunter2"}, "LOCKSTEP_API_KEYS: entry 1"),
    ],
)
def test_boot_is_refused_with_the_reason(start_gunicorn: Start, environ: dict[str, str], reason: str) -> None:
    gunicorn = start_gunicorn(**environ)
    assert gunicorn.process.wait(30) != 0
    log = gunicorn.log.read_text()
    assert reason in log
    assert "hunter2" not in log
    assert "Listening" not in log


def test_a_bundle_that_cannot_be_reproduced_is_never_bound(start_gunicorn: Start, tmp_path: Path) -> None:
    gunicorn = start_gunicorn(LOCKSTEP_MODELS=str(write_unfaithful(tmp_path / "unfaithful")))
    assert gunicorn.process.wait(30) != 0
    log = gunicorn.log.read_text()
    assert "stage prediction" in log
    assert "Listening" not in log


def test_concurrent_clients_get_the_same_bits(service_url: str, default_bundle: SeriesBundle) -> None:
    bars = default_bundle.bars.select(slice(-200, None))
    expected = default_bundle.evaluation.y_pred[-200:].tolist()
    body = msgspec.json.encode(split_frame(bars))

    def ask(_: int) -> list[float]:
        told = read_json(ServiceClient(service_url).send("POST", "/forecast", body))
        return msgspec.json.decode(told["y_pred"], type=list[float])

    with ThreadPoolExecutor(8) as pool:
        assert all(answer == expected for answer in pool.map(ask, range(64)))


def test_sigterm_ends_the_process_cleanly_although_a_connection_is_kept_alive(start_gunicorn: Start) -> None:
    gunicorn = start_gunicorn()
    gunicorn.wait_until_ready()
    with requests.Session() as session:
        assert session.get(f"{gunicorn.url}/ready", timeout=5).json()["status"] == "ready"
        assert gunicorn.stop() == 0


def test_the_request_id_is_in_the_answer_and_in_the_log(start_gunicorn: Start) -> None:
    gunicorn = start_gunicorn()
    gunicorn.wait_until_ready()
    request_id = "0123456789abcdef0123"
    answer = requests.get(f"{gunicorn.url}/version", headers={"X-Request-Id": request_id}, timeout=5)
    assert answer.headers["X-Request-Id"] == request_id
    gunicorn.stop()
    assert request_id in gunicorn.log.read_text()


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"5\r\nabc"])
def test_a_chunked_body_that_is_broken_is_the_clients_fault(service_url: str, chunk: bytes) -> None:
    host, port = service_url.removeprefix("http://").split(":")
    head = b"POST /forecast HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head + chunk)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"malformed"' in answer


def test_a_body_over_the_limit_is_refused_even_without_a_length(start_gunicorn: Start) -> None:
    gunicorn = start_gunicorn(LOCKSTEP_MAX_BODY_BYTES="2048")
    gunicorn.wait_until_ready()
    chunked = iter([b" " * 1024] * 8)
    answer = requests.post(f"{gunicorn.url}/forecast", data=chunked, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert "2048" in answer.json()["detail"]


def test_no_answer_names_the_server(service_url: str) -> None:
    assert "Server" not in requests.get(f"{service_url}/health", timeout=5).headers
    assert "Server" not in requests.get(f"{service_url}/nope", timeout=5).headers


def test_no_key_is_ever_logged(start_gunicorn: Start) -> None:
    secret, key = new_key("me")
    gunicorn = start_gunicorn(LOCKSTEP_API_KEYS=key.entry)
    gunicorn.wait_until_ready()
    wrong = "wrong" + secret
    for sent in (secret, wrong):
        requests.post(f"{gunicorn.url}/forecast", data=b"{", headers={"x-api-key": sent}, timeout=5)
        requests.post(f"{gunicorn.url}/nope", headers={"x-api-key": sent}, timeout=5)
        send(gunicorn.url, f"GET / HTTP/1.1\r\nx-api-key: {sent}\r\nbroken\r\n\r\n".encode())
        send(gunicorn.url, f"GET / HTTP/1.1\r\nx-api-key {sent}\r\n\r\n".encode())
    gunicorn.stop()
    log = gunicorn.log.read_text()
    assert log.count('"route":"unknown"') == 2
    assert "the request cannot be read" in log
    assert secret not in log
    assert key.sha256 not in log


def test_a_key_is_replaced_without_a_moment_in_which_none_works(start_gunicorn: Start) -> None:
    (old, old_key), (new, new_key_) = new_key("old"), new_key("new")
    for entries, opens in (
        ((old_key,), {old: 400, new: 401}),
        ((old_key, new_key_), {old: 400, new: 400}),
        ((new_key_,), {old: 401, new: 400}),
    ):
        gunicorn = start_gunicorn(LOCKSTEP_API_KEYS=",".join(key.entry for key in entries))
        gunicorn.wait_until_ready()
        for secret, status in opens.items():
            headers = {"x-api-key": secret}
            assert requests.post(f"{gunicorn.url}/forecast", headers=headers, timeout=5).status_code == status
        gunicorn.stop()


def test_a_forwarded_scheme_or_address_changes_nothing_by_default(service_url: str) -> None:
    claims = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Ssl": "on"}
    for path, status in (("/forecast", 401), ("/version", 405)):
        answer = requests.post(f"{service_url}{path}", headers=claims, timeout=5)
        assert answer.status_code == status
        assert "Strict-Transport-Security" not in answer.headers


CLASHING = (
    "models.py", "cli.py", "parity.py", "queue.py", "flask.py", "redis.py", "backend/__init__.py", "backend/wsgi.py",
    "backend/gunicorn.conf.py", "preprocessing/__init__.py", "lockstep/__init__.py",
)  # fmt: skip


def test_no_file_of_the_current_folder_is_imported(tmp_path: Path) -> None:
    for name in CLASHING:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"raise ImportError('the file {name} of the user')\n")
    command = (str(Path(sys.executable).with_name("lockstep")), "serve")
    service = Server(App("lockstep serve", command, folder=tmp_path), tmp_path / "log")
    with service:
        service.wait_until_ready()
        answer = requests.post(f"{service.url}/forecast", data=b"", timeout=10)
        metrics = requests.get(f"{service.url}/metrics", timeout=10)
    assert (answer.json()["message"], metrics.status_code, service.process.returncode) == ("no data", 200, 0)
    assert "lockstep init" in service.read_log()
