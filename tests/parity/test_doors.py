"""Parity through the door of each protocol: real services pass, and each mutant is found."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lockstep.bundles.reading import load_bundle
from lockstep.parity.doors.listed import PROTOCOLS
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.parity.suite import Report, Verdict, run_checks
from lockstep.scoring.settings import Settings
from lockstep.training.estimators import CLASSIFIER, parse_estimator
from lockstep.training.table_rows import TableRecipe
from lockstep.web.app import create_app
from qa.families import train_family
from qa.in_process import AppClient, Wsgi
from tests.parity.mutants import answers
from tests.parity.mutants.door_proxies import DOOR_PROXIES, LABEL_PROXIES
from tests.parity.mutants.proxies import Proxy
from tests.parity.mutants.trials import try_proxy
from tests.small_tables import TARGET, load_table, save_table

SEED = 1
FolderOf = Callable[[str], Path]


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> FolderOf:
    folder = tmp_path_factory.mktemp("models")
    return cache(lambda name: train_family(name, folder))


def make_service(folder: Path) -> Wsgi:
    return create_app(Settings(models=(folder,), rate_limit=None)).wsgi_app


def judge(
    folder: Path, door: str, names: tuple[str, ...] = (), around: Callable[[Wsgi], Any] = lambda app: app
) -> Report:
    bundle = load_bundle(folder)
    client = AppClient(around(make_service(folder)), bundle.manifest.name)
    subject = make_subject(client, bundle, SEED, door=door)
    return run_checks(
        subject, checks=[check for check in list_checks(bundle, door) if not names or check.name in names]
    )


def list_faults(report: Report) -> dict[str, list[str]]:
    wrong = [result for result in report.results if result.verdict is not Verdict.PARITY]
    return {result.check.name: [*result.comparison.findings[:3], result.shortfall] for result in wrong}


@pytest.mark.parametrize("door", PROTOCOLS)
def test_a_real_service_passes_every_check_through_its_doors(door: str, folder_of: FolderOf) -> None:
    report = judge(folder_of("table-logistic"), door)
    assert list_faults(report) == {}
    assert report.verdict is Verdict.PARITY
    assert len(report.results) == 9


@pytest.mark.parametrize("door", PROTOCOLS)
@pytest.mark.parametrize("family", ["table-forest", "table-svm"])
def test_a_model_without_probabilities_passes(door: str, family: str, folder_of: FolderOf) -> None:
    assert list_faults(judge(folder_of(family), door, ("batch", "errors", "identity"))) == {}


@pytest.mark.parametrize("door", ["mlflow", "oip"])
def test_a_real_service_of_a_series_passes_every_check_through_its_doors(door: str, folder_of: FolderOf) -> None:
    report = judge(folder_of("direction-forest"), door)
    assert list_faults(report) == {}
    assert report.verdict is Verdict.PARITY
    assert len(report.results) == 13


@pytest.mark.parametrize("door", PROTOCOLS)
def test_a_table_of_numbers_passes_in_every_form(door: str, tmp_path: Path) -> None:
    recipe = TableRecipe("iris", TARGET, parse_estimator("tree(max_depth=3)", CLASSIFIER))
    report = judge(save_table(tmp_path, load_table("iris"), recipe), door, ("batch", "wire", "errors", "identity"))
    assert list_faults(report) == {}


@pytest.mark.parametrize("door", PROTOCOLS)
def test_a_table_of_one_column_passes(door: str, tmp_path: Path) -> None:
    table = load_table("iris")
    for name in {*table.names} - {"petal width", TARGET}:
        table = table.without(name)
    recipe = TableRecipe("widths", TARGET, parse_estimator("tree(max_depth=3)", CLASSIFIER))
    report = judge(save_table(tmp_path, table, recipe), door, ("chunks", "wire", "errors", "identity"))
    assert list_faults(report) == {}


@pytest.mark.parametrize("proxy", DOOR_PROXIES, ids=lambda proxy: proxy.name)
def test_a_proxy_in_front_of_a_door_is_found(proxy: Proxy, folder_of: FolderOf) -> None:
    folder = folder_of("table-forest")
    assert try_proxy(proxy, make_service(folder), load_bundle(folder), SEED) is not None


@pytest.mark.parametrize("proxy", LABEL_PROXIES, ids=lambda proxy: proxy.name)
def test_a_proxy_in_front_of_a_door_of_labels_is_found(proxy: Proxy, folder_of: FolderOf) -> None:
    folder = folder_of("table-logistic")
    assert try_proxy(proxy, make_service(folder), load_bundle(folder), SEED) is not None


@pytest.mark.parametrize("door", PROTOCOLS)
def test_a_stale_process_behind_a_door_is_another_artefact(door: str, folder_of: FolderOf) -> None:
    report = judge(folder_of("table-forest"), door, ("batch", "identity"), answers.claim_another_digest)
    assert report.verdict is Verdict.OTHER_ARTEFACT
