import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from lockstep.scoring import rate_limits
from lockstep.scoring.errors import RequestError
from lockstep.scoring.keys import new_key
from lockstep.scoring.kinds import TOO_MANY_REQUESTS
from lockstep.scoring.rate_limits import RateLimiter, name_network
from lockstep.scoring.rates import parse_rate
from lockstep.scoring.redis_windows import RedisUnusable
from lockstep.scoring.settings import Settings
from lockstep.scoring.windows import MOST_NAMES
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
        limiter.admit_address("a")
    clock[0] += 20.0
    with pytest.raises(RequestError, match="more than 3 requests in 60 s by this address; try again in 41 s") as over:
        limiter.admit_address("a")
    assert over.value.kind is TOO_MANY_REQUESTS
    assert over.value.headers == {
        "Retry-After": "41",
        "RateLimit-Policy": '"address";q=3;w=60',
        "RateLimit": '"address";r=0;t=41',
    }
    clock[0] += 41.0
    limiter.admit_address("a")


def test_each_key_and_each_address_is_counted_for_itself(clock: list[float]) -> None:
    limiter = RateLimiter(parse_rate("1/minute"))
    limiter.admit_address("a")
    limiter.admit_key("a")
    limiter.admit_address("b")
    limiter.admit_key("b")
    with pytest.raises(RequestError, match="by this key"):
        limiter.admit_key("a")
    with pytest.raises(RequestError, match="by this address"):
        limiter.admit_address("b")


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("no:address", "no:address"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_address_counts_with_its_network(address: str, counts_as: str) -> None:
    assert name_network(address) == counts_as


def test_addresses_without_end_take_no_memory_without_end_and_no_keys_place(clock: list[float]) -> None:
    limiter = RateLimiter(parse_rate("1/hour"))
    limiter.admit_key("k")
    for i in range(MOST_NAMES + 10):
        limiter.admit_address(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}")
    assert len(limiter._local["address"]._counts) == MOST_NAMES
    with pytest.raises(RequestError, match="by this key"):
        limiter.admit_key("k")


class Redis:
    """Stands for the windows in Redis, answers or fails as told, and counts how often it was asked."""

    def __init__(self) -> None:
        self.error: RedisUnusable | None = None
        self.asked = 0

    def count(self, _: str) -> tuple[int, float]:
        self.asked += 1
        if self.error:
            raise self.error
        return 1_000_000, 60.0


def test_while_redis_does_not_answer_the_process_counts_and_the_log_says_so(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    limiter, redis = RateLimiter(parse_rate("2/hour")), Redis()
    limiter._shared = redis  # type: ignore[assignment] # all that a limiter asks of one
    redis.error = RedisUnusable("TimeoutError")
    limiter.admit_address("a")
    limiter.admit_address("a")
    with pytest.raises(RequestError):
        limiter.admit_address("a")
    assert redis.asked == 1
    [line] = caplog.records
    assert (line.levelname, "Redis does not answer (TimeoutError)" in line.message) == ("ERROR", True)
    redis.error = None
    clock[0] += rate_limits.REDIS_PAUSE_S + 1
    with pytest.raises(RequestError):
        limiter.admit_address("b")
    assert caplog.records[-1].message.startswith("rate limits: Redis answers again")


def make_client(**settings: Any) -> tuple[FlaskClient, str]:
    secret, key = new_key("me")
    return create_app(Settings(api_keys=(key,), rate_limit=parse_rate("5/hour"), **settings)).test_client(), secret


def post(client: FlaskClient, key: str = "", address: str = "10.0.0.1", **headers: str) -> tuple[int, str | None]:
    response = client.post(
        "/forecast", headers={"x-api-key": key, **headers}, environ_overrides={"REMOTE_ADDR": address}
    )
    return response.status_code, response.get_json().get("code")


def test_wrong_keys_count_for_their_address_and_lock_out_no_right_one(clock: list[float]) -> None:
    client, secret = make_client()
    assert [post(client, "wrong") for _ in range(5)] == [(401, "unauthorized")] * 5
    assert post(client, "wrong") == post(client) == (429, "too-many-requests")
    assert post(client, secret) == (400, "empty")
    assert post(client, "wrong", "10.0.0.2") == (401, "unauthorized")


def test_wrong_keys_from_one_ipv6_network_count_together(clock: list[float]) -> None:
    client, _ = make_client()
    for i in range(5):
        post(client, "wrong", f"2001:db8::{i}")
    assert post(client, "wrong", "2001:db8::99") == (429, "too-many-requests")
    assert post(client, "wrong", "2001:db8:0:1::99") == (401, "unauthorized")


def test_a_key_counts_from_all_addresses_together(clock: list[float]) -> None:
    client, secret = make_client()
    assert [post(client, secret, f"10.0.0.{i}") for i in range(5)] == [(400, "empty")] * 5
    assert post(client, secret, "10.0.1.1") == (429, "too-many-requests")
    assert post(client, "wrong", "10.0.1.1") == (401, "unauthorized")


def test_wrong_keys_for_the_counts_are_limited_and_right_ones_are_not(clock: list[float]) -> None:
    client, secret = make_client()

    def read(key: str) -> int:
        return client.get("/metrics", headers={"x-api-key": key}).status_code

    assert [read("wrong") for _ in range(6)] == [401] * 5 + [429]
    assert [read(secret) for _ in range(6)] == [200] * 6
    assert post(client, secret) == (400, "empty")  # reading the counts is no forecast


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


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("10.0.0.7", 400),
        ("10.0.0.7:51234", 400),
        ("2001:db8::7", 400),
        ("[2001:db8::7]", 400),
        ("[2001:db8::7]:443", 400),
        ("unknown", 0),
        ("_hidden", 0),
        ("10.0.0", 0),
        ("10.0.0.256", 0),
        ("for=10.0.0.7", 0),
        ("[10.0.0.7", 0),
        ("<b>", 0),
    ],
)
@pytest.mark.parametrize("path", ["/forecast", "/metrics"])
def test_a_forwarded_address_that_is_none_is_refused(path: str, forwarded: str, status: int) -> None:
    client, secret = make_client(trusted_proxies=1)
    method = "GET" if path == "/metrics" else "POST"
    headers = {"x-api-key": secret, "X-Forwarded-For": f"1.2.3.4, {forwarded}"}
    answer = client.open(path, method=method, headers=headers)
    if status:
        assert answer.status_code == (200 if path == "/metrics" else 400)
        assert path == "/metrics" or answer.get_json()["code"] == "empty"
    else:
        assert (answer.status_code, answer.get_json()["code"]) == (400, "bad-request")
        assert f"X-Forwarded-For names '{forwarded}'" in answer.get_json()["detail"]
