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
from hypothesis import settings as hypothesis_settings

from examples.tutorial.__main__ import FILES as TUTORIAL_FILES
from lockstep.bundles.bundle import Bundle, load_bundle
from qa.default_bundle import DEFAULT_BUNDLE

ROOT = Path(__file__).parents[1]
BOOT_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30
hypothesis_settings.register_profile("fuzz", max_examples=10_000)
TUTORIAL_VARIABLE = "LOCKSTEP_TUTORIAL"
TUTORIAL_BESIDE = ROOT.parent / "shared" / "reference" / "tutorial"


def find_tutorial() -> Path | None:
    """Return the folder of the tutorial's price file and published predictions, None where nobody put one.

    The variable names it; without it, it is looked for beside the checkout. Raises FileNotFoundError where
    what the variable names is not there.
    """
    named = os.environ.get(TUTORIAL_VARIABLE)
    folder = Path(named or TUTORIAL_BESIDE)
    missing = [name for name in TUTORIAL_FILES if not (folder / name).is_file()]
    if missing and named:
        raise FileNotFoundError(f"{TUTORIAL_VARIABLE}={named} holds no {' and no '.join(missing)}")
    return None if missing else folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if any("test_tutorial.py" in report.nodeid for report in terminalreporter.getreports("skipped")):
        terminalreporter.write_sep("!", "not run: the tutorial's published numbers", yellow=True)
        terminalreporter.write_line(
            f"tests/integration/test_tutorial.py needs {' and '.join(TUTORIAL_FILES)}, which are not part of this "
            f"project: put them in {TUTORIAL_BESIDE} or set {TUTORIAL_VARIABLE} to their folder"
        )


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

    def __init__(self, log: Path, redirect: str = "", **environ: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        serve = [sys.executable, "-m", "lockstep", "serve", "--port", str(port)]
        command = ["sh", "-c", f'exec "$@" {redirect}', "sh", *serve]
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

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers, the oldest first."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

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
