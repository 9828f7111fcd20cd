"""The counts of the real process: over all workers, whatever happens to one of them."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from qa.servers import Server, wait_until
from tests.conftest import Start

ROW = {"columns": ["date", "open", "high", "low", "close", "volume"], "data": [["2013-03-04", 24, 25, 23, 24, 9e6]]}
OK = {"route": "/forecast", "status": "200"}
VERSION = {"name": "msft", "version": "1"}


@pytest.fixture
def gunicorn(start_gunicorn: Start) -> Iterator[Server]:
    gunicorn = start_gunicorn(WEB_CONCURRENCY="2")
    gunicorn.wait_until_ready()
    wait_for_workers(gunicorn)
    yield gunicorn
    gunicorn.stop()


def scrape(gunicorn: Server, name: str, labels: dict[str, str]) -> float:
    text = requests.get(f"{gunicorn.url}/metrics", timeout=10).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == name and sample.labels == labels)


def post(gunicorn: Server, requests_of_a_connection: int, connections: int = 1) -> None:
    def ask(_: int) -> None:
        with requests.Session() as session:
            for _ in range(requests_of_a_connection):
                assert session.post(f"{gunicorn.url}/forecast", json=ROW, timeout=10).ok

    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(ask, range(connections)))


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """While one worker stands still the other one answers."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def wait_for_workers(gunicorn: Server, *but: int) -> None:
    wait_until(lambda: len({*gunicorn.workers} - {*but}) >= 2, "no two workers")


def test_every_request_is_counted_once_whichever_worker_answers_and_dies(gunicorn: Server) -> None:
    first, second = gunicorn.workers
    with stopped(first):
        post(gunicorn, 15, connections=4)
    with stopped(second):
        post(gunicorn, 10, connections=4)
        assert scrape(gunicorn, "lockstep_requests_total", OK) == 100
    os.kill(second, signal.SIGKILL)
    wait_for_workers(gunicorn, second)
    with stopped(first):
        assert scrape(gunicorn, "lockstep_requests_total", OK) == 100
        post(gunicorn, 5, connections=2)
    for name, labels in (
        ("lockstep_requests_total", OK),
        ("lockstep_forecasts_total", {**VERSION, "status": "200"}),
        ("lockstep_rows_total", VERSION),
        ("lockstep_request_duration_seconds_count", {"route": "/forecast"}),
    ):
        assert scrape(gunicorn, name, labels) == 110


def test_a_worker_killed_amid_a_request_leaves_nothing_in_flight(gunicorn: Server) -> None:
    first, second = gunicorn.workers
    host, port = gunicorn.url.removeprefix("http://").split(":")
    half = b"POST /forecast HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    with stopped(first), socket.create_connection((host, int(port))) as connection:
        connection.sendall(half)
        while scrape(gunicorn, "lockstep_requests_in_flight", {}) < 2:  # the scrape itself is one
            time.sleep(0.01)
        os.kill(second, signal.SIGKILL)
    wait_for_workers(gunicorn, second)
    assert scrape(gunicorn, "lockstep_requests_in_flight", {}) == 1


def test_scrapes_amid_a_load_are_whole_and_never_go_backwards(gunicorn: Server) -> None:
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(post, gunicorn, 25, connections=8)
        seen = [scrape(gunicorn, "lockstep_requests_total", OK)]
        while not load.done():
            seen.append(scrape(gunicorn, "lockstep_requests_total", OK))
        load.result()
    seen.append(scrape(gunicorn, "lockstep_requests_total", OK))
    assert seen == sorted(seen)
    assert seen[-1] == 200


def test_a_wrong_body_counts_under_its_code(gunicorn: Server) -> None:
    for body, code in ((b"", "empty"), (b"{", "malformed")):
        requests.post(f"{gunicorn.url}/forecast", data=body, timeout=5)
        assert scrape(gunicorn, "lockstep_errors_total", {"code": code}) == 1
    assert scrape(gunicorn, "lockstep_requests_total", {"route": "/forecast", "status": "400"}) == 2


def test_the_counts_go_on_when_the_models_are_read_anew_and_leave_no_file(gunicorn: Server) -> None:
    post(gunicorn, 1)
    before = gunicorn.workers
    gunicorn.process.send_signal(signal.SIGHUP)
    wait_for_workers(gunicorn, *before)
    post(gunicorn, 1)
    assert scrape(gunicorn, "lockstep_requests_total", OK) == 2
    mapped = Path(f"/proc/{gunicorn.process.pid}/maps").read_text()
    assert "(deleted)" in mapped  # the memory that is shared has no name
    assert "metrics" not in mapped
