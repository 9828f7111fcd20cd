import asyncio

import pytest

import lockstep.runtimes.ray.repeating
from lockstep.runtimes.ray.repeating import is_repeatable, repeat


class Lost(Exception):
    """A replica that died."""


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/version", True),
        ("POST", "/v1/forecast", True),
        ("POST", "/v2/models/msft/infer", True),
        ("POST", "/forecast", True),
        ("POST", "/orders", False),
        ("POST", "/invocations/pay", False),
        ("POST", "/v2/models/msft/pay", False),
        ("DELETE", "/v1/forecast", False),
        ("DELETE", "/orders/1", False),
    ],
)
def test_what_changes_nothing_may_be_asked_again(method: str, path: str, expected: bool) -> None:
    assert is_repeatable({"REQUEST_METHOD": method, "PATH_INFO": path}) is expected


@pytest.mark.parametrize(("losses", "tries", "asked"), [(0, 3, 1), (2, 3, 3), (3, 3, 3), (1, 1, 1)])
def test_a_lost_request_is_asked_again_as_often_as_allowed(
    losses: int, tries: int, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep.runtimes.ray.repeating, "PAUSE_S", 0.0)
    calls = 0

    async def ask() -> str:
        nonlocal calls
        calls += 1
        if calls <= losses:
            raise Lost
        return "answered"

    if losses < tries:
        assert asyncio.run(repeat(ask, Lost, tries)) == "answered"
    else:
        with pytest.raises(Lost):
            asyncio.run(repeat(ask, Lost, tries))
    assert calls == asked


def test_other_errors_are_not_asked_again() -> None:
    calls = []

    async def ask() -> str:
        calls.append(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(repeat(ask, Lost, 3))
    assert len(calls) == 1
