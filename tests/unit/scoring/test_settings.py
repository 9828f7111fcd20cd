import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from lockstep.scoring.rates import Rate
from lockstep.scoring.setting import Setting, declare, list_settings, read_declared, whole_number
from lockstep.scoring.settings import BESIDE, Settings, SettingsError, is_loopback, read_settings


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_empty_variables_are_defaults_too() -> None:
    declared = (*dict(list_settings(Settings)).values(), *BESIDE)
    assert read_settings({setting.variable: "" for setting in declared}) == Settings()


def test_every_setting_is_read() -> None:
    read = read_settings(
        {
            "PORT": "8000",
            "WEB_CONCURRENCY": "3",
            "LOCKSTEP_HOST": "::1",
            "LOCKSTEP_MODELS": os.pathsep.join(["a", "b"]),
            "LOCKSTEP_ALIASES": "msft@champion=3,msft@next=4,other@champion=1",
            "LOCKSTEP_VERSIONS": "all",
            "LOCKSTEP_BROKEN": "skip",
            "LOCKSTEP_API_KEYS": f"me:{'0' * 64}",
            "LOCKSTEP_ALLOW_ANONYMOUS": "1",
            "LOCKSTEP_MAX_BODY_BYTES": "2048",
            "LOCKSTEP_MAX_ROWS": "7",
            "LOCKSTEP_RATE_LIMIT": "7/hour",
            "REDIS_URL": "rediss://user:password@127.0.0.1:1",
            "LOCKSTEP_TRUSTED_PROXIES": "1",
            "LOCKSTEP_CORS_ORIGINS": "https://a.example, http://127.0.0.1:8000",
            "LOCKSTEP_GATE": "warn",
            "LOCKSTEP_COMMIT": "abc",
            "LOCKSTEP_LOG": "text",
        }
    )
    assert (read.port, read.workers, read.host) == (8000, 3, "::1")
    assert read.models == (Path("a"), Path("b"))
    assert read.aliases == {"msft": {"champion": 3, "next": 4}, "other": {"champion": 1}}
    assert (read.versions, read.broken) == ("all", "skip")
    assert (read.api_keys[0].name, read.allow_anonymous, read.max_body_bytes) == ("me", True, 2048)
    assert (read.rate_limit, read.redis_url) == (Rate(7, "hour"), "rediss://user:password@127.0.0.1:1")
    assert (read.trusted_proxies, read.cors_origins) == (1, ("https://a.example", "http://127.0.0.1:8000"))
    assert "password" not in repr(read)
    assert (read.max_rows, read.gate, read.commit, read.log) == (7, "warn", "abc", "text")


@pytest.mark.parametrize(
    ("name", "text"),
    [("PORT", "0"), ("PORT", "65536"), ("PORT", "http"), ("PORT", "-1"), ("PORT", "５０００"), ("WEB_CONCURRENCY", "0"),
     ("LOCKSTEP_ALLOW_ANONYMOUS", "yes"), ("LOCKSTEP_MAX_BODY_BYTES", "10"),
     ("LOCKSTEP_MAX_ROWS", "0"), ("LOCKSTEP_GATE", "off"), ("LOCKSTEP_API_KEYS", "secret"), ("LOCKSTEP_HOTS", "x"),
     ("LOCKSTEP_LOG", "xml"),
     ("LOCKSTEP_RATE_LIMIT", "0/minute"), ("LOCKSTEP_RATE_LIMIT", "5 per minute"), ("LOCKSTEP_RATE_LIMIT", "0"),
     ("REDIS_URL", "http://127.0.0.1"), ("LOCKSTEP_TRUSTED_PROXIES", "-1"), ("LOCKSTEP_CORS_ORIGINS", "*"),
     ("LOCKSTEP_CORS_ORIGINS", "https://a.example/"), ("LOCKSTEP_CORS_ORIGINS", "a.example"),
     ("LOCKSTEP_MODELS", os.pathsep),
     ("LOCKSTEP_BUNDLES", "models/msft"), ("LOCKSTEP_ALIASES", "msft=3"), ("LOCKSTEP_VERSIONS", "some"),
     ("LOCKSTEP_BROKEN", "ignore")],
)  # fmt: skip
def test_nonsense_is_refused_naming_the_variable(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: text})


def test_a_number_of_any_length_is_refused_and_not_repeated_whole() -> None:
    with pytest.raises(SettingsError, match=r"PORT is '9{40}'; expected"):
        read_settings({"PORT": "9" * 5000})


@pytest.mark.parametrize(
    ("host", "bind"),
    [("127.0.0.1", "127.0.0.1:5000"), ("::", "[::]:5000"), ("[::1]", "[::1]:5000"), ("localhost", "localhost:5000")],
)
def test_an_ipv6_address_is_bound_in_brackets(host: str, bind: str) -> None:
    assert Settings(host=host).bind == bind


def test_a_unix_socket_is_bound_where_it_is_named() -> None:
    """It was bound at `unix:/tmp/s:5000`."""
    assert Settings(host="unix:/tmp/s").bind == "unix:/tmp/s"


def test_a_rate_limit_can_be_switched_off() -> None:
    assert read_settings({"LOCKSTEP_RATE_LIMIT": "off"}).rate_limit is None


def test_a_refused_redis_url_is_not_repeated() -> None:
    for wrong in ("http://:hunter2@h", "redis://:hunter2@h:port", "redis://:hunter2@h/name", "redis://:hunter2@h?db=1"):
        with pytest.raises(SettingsError, match="REDIS_URL: expected") as refused:
            read_settings({"REDIS_URL": wrong})
        assert "hunter2" not in str(refused.value)


def test_a_refused_key_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"LOCKSTEP_API_KEYS": "hunter2"})
    assert "hunter2" not in str(refused.value)


@dataclass(frozen=True)
class Own:
    rooms: int = declare(2, Setting("LOCKSTEP_ROOMS", whole_number(1, 9), "rooms", former_names=("LOCKSTEP_CELLS",)))


def test_a_declared_setting_is_read_and_listed() -> None:
    assert [(name, setting.variable) for name, setting in list_settings(Own)] == [("rooms", "LOCKSTEP_ROOMS")]
    assert (read_declared(Own, {}), read_declared(Own, {"LOCKSTEP_ROOMS": "3"})) == (Own(), Own(3))


@pytest.mark.parametrize("text", ["3", ""])
def test_a_setting_of_a_former_name_is_refused_with_its_new_name(text: str) -> None:
    with pytest.raises(SettingsError, match="LOCKSTEP_CELLS is called LOCKSTEP_ROOMS now, and takes rooms"):
        read_declared(Own, {"LOCKSTEP_CELLS": text, "LOCKSTEP_ROOMS": "3"})


def test_a_setting_that_is_gone_is_refused_with_what_to_do() -> None:
    with pytest.raises(SettingsError, match=r"LOCKSTEP_THREADS is no longer a setting: .*WEB_CONCURRENCY.*; unset it"):
        read_settings({"LOCKSTEP_THREADS": "8"})


def test_an_unknown_variable_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"unknown variable LOCKSTEP_ROOM; known are LOCKSTEP_KEY, LOCKSTEP_ROOMS$"):
        read_declared(Own, {"LOCKSTEP_ROOM": "3"}, (Setting("LOCKSTEP_KEY", str, "a key"),))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)
    Settings().check_bind(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]", "10.0.0.1", "example.org", "", "unix:/tmp/s"])  # noqa: S104
def test_anything_else_needs_keys_or_permission(host: str) -> None:
    with pytest.raises(SettingsError, match="keys new"):
        Settings().check_bind(host)
    Settings(allow_anonymous=True).check_bind(host)
    read_settings({"LOCKSTEP_API_KEYS": f"me:{'0' * 64}"}).check_bind(host)
