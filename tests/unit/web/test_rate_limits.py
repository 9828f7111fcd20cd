import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from limits import RateLimitItem
from limits.errors import StorageError
from limits.util import WindowStats
from redis.exceptions import ConnectionError as RedisConnectionError

from lockstep.scoring import rate_limits
from lockstep.scoring.errors import RequestError
from lockstep.scoring.keys import new_key
from lockstep.scoring.kinds import TOO_MANY_REQUESTS
from lockstep.scoring.rate_limits import RateLimiter
from lockstep.scoring.rates import parse_rate
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app

NOON = 1_800_000_000.0 - 1_800_000_000 % 3600


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in a list of one that a test may change; an hour begins at it."""
    now = [NOON]
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("text", "limit"), [("1/second", (1, 1)), ("12000/minute", (12_000, 60)), ("7/hour", (7, 3600))]
)
def test_a_limit_is_read(text: str, limit: tuple[int, int]) -> None:
    read = parse_rate(text)
    assert (read.requests, read.period_s) == limit
    assert str(read) == text


@pytest.mark.parametrize("text", ["0/minute", "1/day", "1 per minute", "1/minute;2/hour", "1/2/minute", ""])
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a form like 12000/minute"):
        parse_rate(text)


def test_what_is_over_the_limit_is_refused_until_the_window_ends(clock: list[float]) -> None:
    limiter = RateLimiter(parse_rate("3/minute"))
    for _ in range(3):
        limiter.admit(address="a")
    clock[0] += 20.0
    with pytest.raises(RequestError, match="more than 3 requests in 60 s by this address; try again in 41 s") as over:
        limiter.admit(address="a")
    assert over.value.kind is TOO_MANY_REQUESTS
    assert over.value.headers == {
        "Retry-After": "41",
        "RateLimit-Policy": '"address";q=3;w=60',
        "RateLimit": '"address";r=0;t=41',
    }
    clock[0] += 41.0
    limiter.admit(address="a")


def test_each_name_of_each_scope_is_counted_for_itself(clock: list[float]) -> None:
    limiter = RateLimiter(parse_rate("1/minute"))
    limiter.admit(address="a", key="k")
    limiter.admit(address="b", key="l")
    with pytest.raises(RequestError, match="by this key"):
        limiter.admit(address="c", key="k")
    limiter.admit(address="k", key="m")
    with pytest.raises(RequestError, match="by this address"):
        limiter.admit(address="k", key="n")


class Redis:
    """Stands for the windows in Redis, answers or fails as told, and counts how often it was asked."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.asked = 0

    def hit(self, *_: object) -> bool:
        self.asked += 1
        if self.error:
            raise StorageError(self.error)
        return False

    def get_window_stats(self, limit: RateLimitItem, *_: object) -> WindowStats:
        return WindowStats(time.time() + limit.get_expiry(), 0)


def test_while_redis_does_not_answer_the_process_counts_and_the_log_says_so(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    limiter, redis = RateLimiter(parse_rate("2/hour")), Redis()
    limiter._shared = redis  # type: ignore[assignment] # all that a limiter asks of one
    redis.error = RedisConnectionError("rediss://user:hunter2@host")
    limiter.admit(address="a")
    limiter.admit(address="a")
    with pytest.raises(RequestError):
        limiter.admit(address="a")
    assert redis.asked == 1
    assert [(record.levelname, "Redis does not answer" in record.message) for record in caplog.records] == [
        ("ERROR", True)
    ]
    assert "hunter2" not in caplog.text
    redis.error = None
    clock[0] += rate_limits.REDIS_PAUSE_S + 1
    with pytest.raises(RequestError):
        limiter.admit(address="b")
    assert caplog.records[-1].message.startswith("rate limits: Redis answers again")


def test_a_certificate_that_heroku_signed_is_taken_and_no_request_waits_long() -> None:
    def options(url: str) -> dict[str, object]:
        return rate_limits.connect_redis(url).storage.connection_pool.connection_kwargs

    connection = options("rediss://:password@127.0.0.1:1")
    assert connection["ssl_cert_reqs"] is None
    assert connection["socket_timeout"] == connection["socket_connect_timeout"] == rate_limits.REDIS_TIMEOUT_S
    assert "ssl_cert_reqs" not in options("redis://127.0.0.1:1")


def make_client(**settings: Any) -> tuple[FlaskClient, str]:
    secret, key = new_key("me")
    return create_app(Settings(api_keys=(key,), rate_limit=parse_rate("5/hour"), **settings)).test_client(), secret


def post(client: FlaskClient, key: str = "", address: str = "10.0.0.1", **headers: str) -> tuple[int, str | None]:
    response = client.post(
        "/forecast", headers={"x-api-key": key, **headers}, environ_overrides={"REMOTE_ADDR": address}
    )
    return response.status_code, response.get_json().get("code")


def test_wrong_keys_count_for_their_address_and_over_the_limit_a_right_one_is_not_told(clock: list[float]) -> None:
    client, secret = make_client()
    assert [post(client, "wrong") for _ in range(5)] == [(401, "unauthorized")] * 5
    assert post(client, "wrong") == post(client, secret) == (429, "too-many-requests")
    assert post(client, secret, "10.0.0.2") == (400, "empty")


def test_a_key_counts_from_all_addresses_together(clock: list[float]) -> None:
    client, secret = make_client()
    assert [post(client, secret, f"10.0.0.{i}") for i in range(5)] == [(400, "empty")] * 5
    assert post(client, secret, "10.0.1.1") == (429, "too-many-requests")
    assert post(client, "wrong", "10.0.1.1") == (401, "unauthorized")


def test_only_forecasts_are_counted(clock: list[float]) -> None:
    client, _ = make_client()
    assert {client.get(path).status_code for path in ("/ready", "/health") * 5} == {200}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "1.2.3.{i}", True),
        (1, "1.2.3.{i}", False),
        (1, "1.2.3.{i}, 9.9.9.9", True),
        (2, "1.2.3.{i}, 9.9.9.9", False),
    ],
)
def test_a_forwarded_address_is_believed_from_trusted_proxies_only(
    proxies: int, forwarded: str, counted: bool, clock: list[float]
) -> None:
    client, _ = make_client(trusted_proxies=proxies)
    for i in range(5):
        post(client, "wrong", **{"X-Forwarded-For": forwarded.format(i=i)})
    status, _ = post(client, "wrong", **{"X-Forwarded-For": forwarded.format(i=99)})
    assert status == (429 if counted else 401)
