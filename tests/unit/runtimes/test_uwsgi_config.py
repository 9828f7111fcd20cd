"""What uWSGI reads from `python -P -m lockstep.runtimes.uwsgi`."""

import configparser
import os
import subprocess
import sys

import pytest

from lockstep.runtimes.uwsgi.config import write_config
from lockstep.scoring.settings import Settings
from tests.conftest import ROOT

APP_FILE = ROOT / "backend" / "uwsgi.ini"


def read_options(settings: Settings) -> dict[str, str]:
    config = configparser.ConfigParser(interpolation=None)
    config.read_string(write_config(settings))
    return dict(config["uwsgi"])


def run_module(**environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "lockstep.runtimes.uwsgi"]
    return subprocess.run(
        command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1:8000"), ("::1", "[::1]:8000"), ("unix:/run/lockstep.sock", "/run/lockstep.sock")],
)
def test_the_address_and_the_workers_are_those_of_the_settings(host: str, address: str) -> None:
    options = read_options(Settings(host=host, port=8000, workers=3))
    assert (options["http-socket"], options["processes"]) == (address, "3")


def test_every_worker_has_a_row_in_the_counters_and_stops_gracefully() -> None:
    options = read_options(Settings())
    for needed in ("master", "need-app", "py-call-uwsgi-fork-hooks", "single-interpreter", "strict"):
        assert options[needed] == "true"
    assert "lazy-apps" not in options  # bundles are loaded once, before the workers are forked
    assert options["hook-master-start"] == "unix_signal:15 gracefully_kill_them_all"
    assert options["forkbomb-delay"] == "0"


def test_the_command_prints_the_settings_of_the_environment() -> None:
    ended = run_module(PORT="8000", WEB_CONCURRENCY="3")
    assert (ended.returncode, ended.stdout.strip()) == (0, write_config(Settings(port=8000, workers=3)))


def test_the_command_prints_no_settings_if_one_makes_no_sense() -> None:
    ended = run_module(WEB_CONCURRENCY="many")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("not serving: WEB_CONCURRENCY")


def test_the_applications_file_takes_the_settings_of_the_library() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(APP_FILE)
    assert dict(config["uwsgi"]) == {
        "ini": "exec://python -P -m lockstep.runtimes.uwsgi",
        "module": "lockstep.runtimes.uwsgi.served:app",
        "pyargv": "backend.wsgi:app",
    }
