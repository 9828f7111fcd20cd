"""What several rooms of the tests share: a real gunicorn, the default bundle and its prices."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from models.bundle import DEFAULT_BUNDLE, Bundle, load_bundle

ROOT = Path(__file__).parents[1]
BOOT_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--base-url", help="run tests/parity against this deployed service, not a local one")
    parser.addoption("--api-key", help="the key of the deployed service")


@pytest.fixture(scope="session")
def default_bundle() -> Bundle:
    return load_bundle(DEFAULT_BUNDLE)


@pytest.fixture(scope="session")
def price_file() -> Path:
    return ROOT / "data" / "MSFT.csv"


class GunicornProcess:
    """A real gunicorn on a free loopback port, as `lockstep serve` starts it."""

    def __init__(self, log: Path, **environ: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        command = [sys.executable, "-m", "cli", "serve", "--port", str(port)]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environ}
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + BOOT_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/health", timeout=5).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.05)
        pytest.fail(f"no service at {self.url}:\n{self.log.read_text()}")

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_TIMEOUT_S)


@pytest.fixture(scope="session")
def start_gunicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., GunicornProcess]]:
    started = []

    def start(**environ: str) -> GunicornProcess:
        started.append(GunicornProcess(tmp_path_factory.mktemp("gunicorn") / "log", **environ))
        return started[-1]

    yield start
    for gunicorn in started:
        gunicorn.stop()


@pytest.fixture(scope="session")
def service_url(start_gunicorn: Callable[..., GunicornProcess]) -> str:
    gunicorn = start_gunicorn()
    gunicorn.wait_until_ready()
    return gunicorn.url
