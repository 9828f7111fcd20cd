"""How often a request is tried and what is waited between, beside a plain loop, with a clock that stands still."""

import datetime
import itertools
from collections.abc import Sequence
from email.utils import format_datetime

import numpy as np
import pytest

from lockstep.client.errors import Busy, ClientError, NoAnswer, NotLockstep
from lockstep.client.exchange import Asked, Fault, Patience, Wait, exchange, read_retry_after
from lockstep.client.problems import Reply

URL = "http://host"
ASKED = Asked("POST", "/v1/forecast", b"{}")
OVERLOADED = b'{"status": 503, "code": "overloaded", "title": "t", "detail": "d", "request_id": "r"}'
LIMITED = b'{"status": 429, "code": "too-many-requests", "title": "t", "detail": "d"}'
REFUSED = Fault("ConnectError: refused")


class Play:
    """A run of `exchange` against listed outcomes: what was sent and waited, and how it ended."""

    def __init__(self, outcomes: Sequence[Reply | Fault], seconds: float, patience: Patience) -> None:
        self.clock, self.waited, self.timeouts = 0.0, [], []  # type: float, list[float], list[float]
        self.error: ClientError | None = None
        self.reply: Reply | None = None
        steps = exchange(
            URL, ASKED, Patience(patience.attempts, patience.timeout_s, patience.total_s, self.now, self.draw)
        )
        self._drawn = np.random.default_rng(7)
        left, outcome = iter(outcomes), None
        try:
            while True:
                step = steps.send(outcome)
                if isinstance(step, Wait):
                    self.waited.append(step.seconds)
                    self.clock += step.seconds
                    outcome = None
                else:
                    self.timeouts.append(step.timeout_s)
                    self.clock += min(seconds, step.timeout_s)
                    outcome = next(left)
        except StopIteration as ended:
            self.reply = ended.value
        except ClientError as error:
            self.error = error

    def now(self) -> float:
        return self.clock

    def draw(self) -> float:
        return self._drawn.random()


def reply(status: int, body: bytes = b"{}", **headers: str) -> Reply:
    return Reply(f"{URL}/v1/forecast", status, {name.replace("_", "-"): text for name, text in headers.items()}, body)


GOOD = reply(200)


@pytest.mark.parametrize("n_faults", range(9))
@pytest.mark.parametrize("attempts", [1, 2, 8])
@pytest.mark.parametrize("total_s", [0.3, 4.0, 1000.0])
@pytest.mark.parametrize("demanded", [0, 3])
def test_pauses_are_those_of_a_plain_loop(n_faults: int, attempts: int, total_s: float, demanded: int) -> None:
    busy = reply(503, OVERLOADED, retry_after=str(demanded)) if demanded else reply(503, OVERLOADED)
    played = Play([busy] * n_faults + [GOOD], 0.125, Patience(attempts, 2.0, total_s))
    drawn, clock, waited, timeouts, answered = np.random.default_rng(7), 0.0, [], [], False
    for attempt in range(attempts):
        timeouts.append(min(2.0, total_s - clock))
        clock += min(0.125, timeouts[-1])
        if attempt == n_faults:
            answered = True
            break
        pause = demanded + drawn.random() * min(8.0, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0][attempt])
        if attempt + 1 == attempts or clock + pause >= total_s:
            break
        waited.append(pause)
        clock += pause
    assert (played.waited, played.timeouts, played.reply is GOOD) == (waited, timeouts, answered)
    assert isinstance(played.error, Busy) is not answered
    assert played.clock <= total_s


def test_jitter_is_full_from_nothing_to_the_whole_pause() -> None:
    firsts = []
    for seed in range(400):
        generator = np.random.default_rng(seed)
        steps = exchange(URL, ASKED, Patience(2, 1.0, 60.0, lambda: 0.0, generator.random))
        steps.send(None)
        step = steps.send(REFUSED)
        assert isinstance(step, Wait)
        firsts.append(step.seconds)
    assert min(firsts) < 0.01
    assert max(firsts) > 0.49
    assert all(0.0 <= each <= 0.5 for each in firsts)


@pytest.mark.parametrize("outcome", [reply(429, LIMITED), reply(503, b"<html>"), reply(502, b"<html>"), REFUSED])
def test_a_fault_that_may_pass_is_tried_again(outcome: Reply | Fault) -> None:
    played = Play([outcome, outcome, GOOD], 0.0, Patience(4, 1.0, 60.0))
    assert (played.reply is GOOD, len(played.waited)) == (True, 2)


@pytest.mark.parametrize("status", [200, 207, 301, 400, 401, 404, 413, 422, 500, 504])
def test_any_other_answer_is_final(status: int) -> None:
    played = Play([reply(status)], 0.0, Patience(4, 1.0, 60.0))
    assert played.reply is not None
    assert played.waited == []


def test_a_series_that_is_not_proven_is_not_asked_for_again() -> None:
    unproven = reply(503, b'{"status": 503, "code": "unproven-series", "title": "t", "detail": "d"}')
    assert Play([unproven], 0.0, Patience(4, 1.0, 60.0)).reply is unproven


def test_nobody_waits_for_longer_than_the_whole_may_take() -> None:
    played = Play([reply(429, LIMITED, retry_after="61")], 0.0, Patience(4, 1.0, 60.0))
    assert (played.waited, type(played.error)) == ([], Busy)
    assert str(played.error) == "429 too-many-requests: d (1 attempt(s) in 0.0 s)"


def test_the_last_fault_is_named_with_its_attempts() -> None:
    played = Play([REFUSED] * 3, 2.0, Patience(3, 5.0, 60.0))
    assert isinstance(played.error, NoAnswer)
    assert str(played.error).startswith(
        "no answer from http://host/v1/forecast: ConnectError: refused (3 attempt(s) in "
    )
    assert str(played.error).endswith("; is it running? On your machine: lockstep serve")


def test_a_page_of_a_router_is_named_as_that_after_all_attempts() -> None:
    page = reply(503, b"<html><title>Application error</title>", content_type="text/html; charset=utf-8", server="x")
    played = Play(list(itertools.repeat(page, 2)), 0.0, Patience(2, 5.0, 60.0))
    assert isinstance(played.error, NotLockstep)
    assert "status 503, text/html, title 'Application error', server 'x'" in str(played.error)


NOW = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)
NINE_S = datetime.timedelta(seconds=9)


def write_date(date: datetime.datetime) -> str:
    return format_datetime(date, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-7"}, 0.0),
        ({"retry-after": "soon"}, 0.0),
        ({"retry-after": "1e9"}, 0.0),
        ({"retry-after": "inf"}, 0.0),
        ({"retry-after": "٧"}, 0.0),
        ({"retry-after": "9" * 400}, 9999999999.0),
        ({"retry-after": write_date(NOW + NINE_S), "date": write_date(NOW)}, 9.0),
        ({"retry-after": write_date(NOW - NINE_S), "date": write_date(NOW)}, 0.0),
        ({"retry-after": "Sun, 99 Nov 2026 00:00:00 GMT"}, 0.0),
    ],
)  # fmt: skip
def test_a_retry_after_is_a_number_or_a_date(headers: dict[str, str], seconds: float) -> None:
    assert read_retry_after(headers) == seconds


def test_a_date_without_the_clock_of_the_service_is_read_by_this_machine_s() -> None:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=100)
    assert 90.0 < read_retry_after({"retry-after": write_date(until)}) <= 100.0
