"""What several packages of the tests share: a real gunicorn, the default bundle and its prices."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings as hypothesis_settings

from examples.tutorial.__main__ import FILES
from lockstep.bundles.reading import load_series
from lockstep.bundles.series import SeriesBundle
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import Server
from qa.service import make_service

ROOT = Path(__file__).parents[1]
BOOT_TIMEOUT_S = 30
hypothesis_settings.register_profile("fuzz", max_examples=10_000)
TUTORIAL_VARIABLE = "LOCKSTEP_TUTORIAL"
TUTORIAL_NAMED = os.environ.pop(TUTORIAL_VARIABLE, None)
"""Taken out of the environment: a service that a test starts refuses variables that it does not know."""
TUTORIAL_BESIDE = ROOT.parent / "shared" / "reference" / "tutorial"


def find_tutorial() -> Path | None:
    """Return the folder of the tutorial's price file and published predictions, None where nobody put one.

    The variable names it; without it, it is looked for beside the checkout. Raises FileNotFoundError where
    what the variable names is not there.
    """
    folder = Path(TUTORIAL_NAMED or TUTORIAL_BESIDE)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing and TUTORIAL_NAMED:
        raise FileNotFoundError(f"{TUTORIAL_VARIABLE}={TUTORIAL_NAMED} holds no {' and no '.join(missing)}")
    return None if missing else folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if any("test_tutorial.py" in report.nodeid for report in terminalreporter.getreports("skipped")):
        terminalreporter.write_sep("!", "not run: the tutorial's published numbers", yellow=True)
        terminalreporter.write_line(
            f"tests/long/test_tutorial.py needs {' and '.join(FILES)}, which are not part of this "
            f"project: put them in {TUTORIAL_BESIDE} or set {TUTORIAL_VARIABLE} to their folder"
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--base-url", help="run tests/parity against this deployed service, not a local one")
    parser.addoption("--api-key", help="the key of the deployed service")


@pytest.fixture(scope="session")
def default_bundle() -> SeriesBundle:
    return load_series(DEFAULT_BUNDLE)


@pytest.fixture(scope="session")
def price_file() -> Path:
    return ROOT / "data" / "MSFT.csv"


@contextmanager
def measuring_once() -> Iterator[None]:
    """Let guarantees be measured in one process of the four, whose differences the test is not about."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lockstep.training.guarantees.list_environments", lambda: iter([{}]))
        yield


@pytest.fixture
def measured_once() -> Iterator[None]:
    with measuring_once():
        yield


class Start(Protocol):
    """Start the service with settings and, as in a shell, redirections of its own; it is not waited for."""

    def __call__(self, redirect: str = "", **environ: str) -> Server: ...


@contextmanager
def starting(folders: pytest.TempPathFactory) -> Iterator[Start]:
    """Lend a function that starts services, which end with the block, all at once."""
    with ExitStack() as running:
        started: list[Server] = []

        def start(redirect: str = "", **environ: str) -> Server:
            service = make_service(wrap=("sh", "-c", f'exec "$@" {redirect}', "sh"))
            app = replace(service, environ=environ, probe="/health")  # the service as it is without settings
            started.append(running.enter_context(Server(app, folders.mktemp("service") / "log")))
            return started[-1]

        yield start
        for each in started:
            each.process.terminate()


@pytest.fixture(scope="module")
def start_gunicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with starting(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with starting(tmp_path_factory) as start:
        service = start()
        service.wait_until_ready()
        yield service.url
