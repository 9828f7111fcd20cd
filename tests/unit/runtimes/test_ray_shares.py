import subprocess
import sys
from collections import Counter
from functools import partial
from typing import Any

import pytest

from lockstep.runtimes.ray.shares import STICKY_HEADER, Shares, hash_key, read_shares
from lockstep.scoring.settings import SettingsError

ARMS = ("Champion", "Challenger")
N_KEYS = 10_000
SPREAD = 200
"""More than six standard deviations of the binomial distribution with a tenth of 10,000."""


def shares_of(first: int) -> Shares:
    return read_shares({"shares": {"Champion": first, "Challenger": 100 - first}}, ARMS)


def environ_of(key: str) -> dict[str, Any]:
    return {"HTTP_X_LOCKSTEP_SPLIT_KEY": key}


def choose_all(shares: Shares) -> list[str]:
    return [shares.choose(environ_of(f"caller {number}")) for number in range(N_KEYS)]


def test_callers_are_spread_by_the_shares() -> None:
    assert abs(Counter(choose_all(shares_of(90)))["Challenger"] - N_KEYS // 10) < SPREAD


def test_a_caller_stays_and_other_shares_move_only_those_whose_place_changes_hands() -> None:
    before, again, after = choose_all(shares_of(90)), choose_all(shares_of(90)), choose_all(shares_of(80))
    assert before == again
    moved = [(was, now) for was, now in zip(before, after, strict=True) if was != now]
    assert {*moved} == {("Champion", "Challenger")}
    assert abs(len(moved) - N_KEYS // 10) < SPREAD


def test_a_key_has_the_same_place_in_every_process() -> None:
    script = "from lockstep.runtimes.ray.shares import hash_key; print(repr(hash_key('caller 1')))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert float(told) == hash_key("caller 1") == 0.4194505134891837


@pytest.mark.parametrize("environ", [{}, {"HTTP_X_LOCKSTEP_SPLIT_KEY": ""}])
def test_a_request_without_a_key_is_drawn(environ: dict[str, Any]) -> None:
    drawn = [shares_of(90).choose(environ, partial(float, place)) for place in (0.0, 0.89, 0.9, 0.9999)]
    assert drawn == ["Champion", "Champion", "Challenger", "Challenger"]


def test_an_arm_without_a_share_gets_nothing() -> None:
    assert {*choose_all(shares_of(0))} == {"Challenger"}
    assert {*choose_all(shares_of(100))} == {"Champion"}


def test_another_header_can_name_callers() -> None:
    config = {"shares": {"Champion": 50, "Challenger": 50}, "sticky_header": "x-user"}
    shares = read_shares(config, ARMS)
    assert (shares.header, shares_of(50).header) == ("x-user", STICKY_HEADER)
    chosen = {shares.choose({"HTTP_X_USER": "one"}, partial(float, place)) for place in (0.1, 0.9)}
    assert len(chosen) == 1


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "has to name each of Champion, Challenger"),
        ({"shares": {"Champion": 100}}, "has to name each of Champion, Challenger"),
        ({"shares": {"Champion": 90, "Challenger": 5, "Third": 5}}, "and no other"),
        ({"shares": {"Champion": 90, "Challenger": 20}}, "is 110 percent together; expected 100"),
        ({"shares": {"Champion": 99.5, "Challenger": 0.5}}, "is 99.5; expected whole percents"),
        ({"shares": {"Champion": 110, "Challenger": -10}}, "is -10; expected whole percents"),
        ({"shares": {"Champion": True, "Challenger": 99}}, "is True; expected whole percents"),
        ({"shares": {"Champion": 50, "Challenger": 50}, "header": "x"}, "user_config has 'header'"),
        ({"shares": {"Champion": 50, "Challenger": 50}, "sticky_header": "x y"}, "expected the name of a header"),
        ({"shares": {"Champion": 50, "Challenger": 50}, "sticky_header": ""}, "expected the name of a header"),
    ],
)
def test_wrong_shares_are_refused(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        read_shares(config, ARMS)
