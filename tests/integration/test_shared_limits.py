"""Rate limits of two processes without a server of the Redis protocol; with one: `make redis`."""

import socket
from collections import Counter

import requests

from qa.servers import Server
from tests.conftest import Start

LIMIT = 20


def start_two(start_gunicorn: Start, **environ: str) -> list[Server]:
    both = [start_gunicorn(LOCKSTEP_RATE_LIMIT=f"{LIMIT}/hour", WEB_CONCURRENCY="1", **environ) for _ in range(2)]
    for gunicorn in both:
        gunicorn.wait_until_ready()
    return both


def post_in_turn(services: list[Server], count: int) -> Counter[int]:
    return Counter(
        requests.post(f"{services[i % len(services)].url}/forecast", timeout=10).status_code for i in range(count)
    )


def test_without_redis_each_process_counts_for_itself(start_gunicorn: Start) -> None:
    services = start_two(start_gunicorn)
    assert post_in_turn(services, 2 * LIMIT + 6) == {400: 2 * LIMIT, 429: 6}


def test_a_redis_that_was_never_there_keeps_nobody_from_serving(start_gunicorn: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections and never answers
        [first, _] = start_two(start_gunicorn, REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}")
        assert post_in_turn([first], 3) == {400: 3}
    assert "Redis does not answer" in first.log.read_text()
