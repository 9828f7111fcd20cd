"""Rate limits of two processes with one real server of the Redis protocol."""

from collections.abc import Iterator

import pytest

from lockstep.scoring.redis_windows import RedisUnusable, RedisWindows
from qa.redis_server import run_redis
from qa.servers import Server
from tests.conftest import Start
from tests.integration.test_shared_limits import LIMIT, post_in_turn, start_two


@pytest.fixture
def redis() -> Iterator[Server]:
    with run_redis() as server:
        yield server


def test_two_processes_share_one_limit_and_go_on_without_redis(start_gunicorn: Start, redis: Server) -> None:
    services = start_two(start_gunicorn, REDIS_URL=f"redis://127.0.0.1:{redis.port}")
    assert post_in_turn(services, LIMIT + 6) == {400: LIMIT, 429: 6}
    redis.stop()
    assert post_in_turn(services, 2 * LIMIT) == {400: 2 * LIMIT}
    assert post_in_turn(services, 4) == {429: 4}
    for gunicorn in services:
        assert "Redis does not answer" in gunicorn.log.read_text()


def test_a_name_is_counted_in_a_window_and_a_lost_connection_made_anew(redis: Server) -> None:
    windows, other = (RedisWindows(f"redis://127.0.0.1:{redis.port}/7", 60) for _ in range(2))
    assert windows.count("key:me")[0] == 1
    counted, left_s = other.count("key:me")
    assert (counted, 0 < left_s <= 60) == (2, True)
    other._client.client_kill_filter(_type="normal", skipme=True)
    assert windows.count("key:me")[0] == 3
    assert windows.count("key:you")[0] == 1
    for each in (windows, other):
        each.close()


def test_a_password_is_asked_for_and_taken(redis: Server) -> None:
    url = f"127.0.0.1:{redis.port}"
    opener = RedisWindows(f"redis://{url}", 60)
    opener._client.config_set("requirepass", "hunter2")
    signed_in, stranger = RedisWindows(f"redis://:hunter2@{url}", 60), RedisWindows(f"redis://{url}", 60)
    assert signed_in.count("a")[0] == 1
    with pytest.raises(RedisUnusable, match="Authentication"):
        stranger.count("a")
    for each in (opener, signed_in, stranger):
        each.close()
