"""A proxy that is right for most requests is found, whichever requests it is wrong for."""

from pathlib import Path

import pytest

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app
from qa.default_bundle import DEFAULT_BUNDLE
from qa.families import train_family
from qa.in_process import Wsgi
from tests.parity.mutants.bounds import BOUND_PROXIES
from tests.parity.mutants.proxies import PROXIES, TABLE_PROXIES, Proxy
from tests.parity.mutants.trials import try_proxy

SEED = 1


@pytest.fixture(scope="module")
def app() -> Wsgi:
    return create_app(Settings(models=(DEFAULT_BUNDLE,), rate_limit=None)).wsgi_app


@pytest.fixture(scope="module")
def table_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_family("table-forest", tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def table(table_folder: Path) -> Bundle:
    return load_bundle(table_folder)


@pytest.fixture(scope="module")
def table_app(table_folder: Path) -> Wsgi:
    return create_app(Settings(models=(table_folder,), rate_limit=None)).wsgi_app


@pytest.mark.parametrize("proxy", [*PROXIES, *BOUND_PROXIES], ids=lambda proxy: proxy.name)
def test_a_proxy_in_front_of_a_series_is_found(proxy: Proxy, app: Wsgi, default_bundle: SeriesBundle) -> None:
    found = try_proxy(proxy, app, default_bundle, SEED)
    assert found is not None
    assert found.requests


@pytest.mark.parametrize("proxy", TABLE_PROXIES, ids=lambda proxy: proxy.name)
def test_a_proxy_in_front_of_a_table_is_found(proxy: Proxy, table_app: Wsgi, table: Bundle) -> None:
    assert try_proxy(proxy, table_app, table, SEED) is not None
