"""What several packages of the tests share: a real gunicorn, the default bundle and its prices."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings as hypothesis_settings

from lockstep.bundles.reading import load_series
from lockstep.bundles.series import SeriesBundle
from qa.default_bundle import DEFAULT_BUNDLE
from qa.servers import Server
from qa.service import make_service

ROOT = Path(__file__).parents[1]
BOOT_TIMEOUT_S = 30
hypothesis_settings.register_profile("fuzz", max_examples=10_000)


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
