"""Parity of a panel: a right service passes every check, and each wrong one is found, however little of it is wrong."""

import datetime
from pathlib import Path

import pytest

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.registry import Registry
from lockstep.errors import UnknownSymbol
from lockstep.parity.checks import CHECKS, PANEL_CHECKS
from lockstep.parity.record import Record
from lockstep.parity.recording import record_run
from lockstep.parity.scope import Scope
from lockstep.parity.subject import Subject
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.parity.suite import Report, Verdict, run_checks
from lockstep.predict.intervals import interval_at
from lockstep.scoring.service import Service, load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from qa.in_process import AppClient, Wsgi
from tests.parity.mutants.panels import ANSWERS, FRAMES, OF_SERIES, REGISTRIES, FrameMutant, PanelMutant
from tests.parity.mutants.trials import limit_checks, try_checks
from tests.small_panels import make_series, save_panel

SEED, N_SERIES = 1, 9
WHOLE = ("batch", "shuffled", "errors", "frames")
"""Checks of which a right service has to pass every request."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_panel(tmp_path_factory.mktemp("models") / "walks", make_series(N_SERIES), interval=interval_at(1))


@pytest.fixture(scope="module")
def bundle(folder: Path) -> PanelBundle:
    panel = load_bundle(folder)
    assert isinstance(panel, PanelBundle)
    return panel


@pytest.fixture(scope="module")
def service(folder: Path) -> Service:
    return load_service(Settings(models=(folder,), rate_limit=None))


@pytest.fixture(scope="module")
def app(service: Service) -> Wsgi:
    return make_app(service).wsgi_app


def open_subject(app: Wsgi, bundle: PanelBundle, scope: Scope = Scope(), door: str = "") -> Subject:  # noqa: B008 -- frozen
    return make_subject(AppClient(app, bundle.manifest.name), bundle, SEED, scope, door=door)


def judge(app: Wsgi, bundle: PanelBundle, symbol: str | None = None, door: str = "") -> tuple[Report, Record]:
    checks = list_checks(bundle, door, symbol)
    limits = limit_checks(open_subject(app, bundle, Scope(symbol=symbol), door), checks)
    whole = {name: numbers for name, numbers in limits.only.items() if name not in WHOLE}
    subject = open_subject(app, bundle, Scope(whole, symbol=symbol), door)
    report = run_checks(subject, checks=checks)
    return report, record_run(subject, report, subject.ask_version(), datetime.datetime.now(datetime.UTC))


def faults(report: Report) -> dict[str, list[str]]:
    return {
        each.check.name: each.comparison.findings[:3]
        for each in report.results
        if each.verdict in (Verdict.DIVERGED, Verdict.OTHER_ARTEFACT)
    }


def test_a_right_service_of_a_panel_passes_every_check(app: Wsgi, bundle: PanelBundle) -> None:
    report, record = judge(app, bundle)
    assert faults(report) == {}
    assert [each.check for each in report.results] == list(PANEL_CHECKS)
    assert (record.bundle.kind, record.bundle.symbol, record.bundle.series) == ("panel", None, N_SERIES)
    assert record.bundle.touched == N_SERIES
    assert f" of {N_SERIES} of {N_SERIES} series, " in record.summary
    keys = {each.key for each in record.predictions}
    assert len(keys) == len(record.predictions) > 100
    assert {key.split(" ")[0] for key in keys} <= set(bundle.index.symbols)


def test_one_series_is_proven_by_the_checks_of_a_series(app: Wsgi, bundle: PanelBundle) -> None:
    report, record = judge(app, bundle, "S5")
    assert faults(report) == {}
    assert [each.check for each in report.results] == list(CHECKS)
    assert (record.bundle.kind, record.bundle.symbol, record.bundle.series) == ("panel", "S5", N_SERIES)
    assert " of S5, one of 9 series, " in record.summary
    with pytest.raises(UnknownSymbol):
        judge(app, bundle, "S99")


@pytest.mark.parametrize("door", ["mlflow", "oip"])
def test_a_panel_passes_through_a_door_that_names_a_symbol(app: Wsgi, bundle: PanelBundle, door: str) -> None:
    checks = [check for check in list_checks(bundle, door) if check.name in ("chunks", "errors", "identity")]
    report = run_checks(open_subject(app, bundle, door=door), checks=checks)
    assert faults(report) == {}
    assert len(report.results) == 3


@pytest.mark.parametrize("mutant", REGISTRIES.values(), ids=list(REGISTRIES))
@pytest.mark.parametrize("killers", [OF_SERIES, FRAMES], ids=["series", "frames"])
def test_a_wrong_series_is_found(
    mutant: type[PanelMutant], killers: frozenset[str], service: Service, bundle: PanelBundle
) -> None:
    real = service.registry
    wrong = mutant(real.served, real.default)
    app = make_app(Service(service.settings, wrong)).wsgi_app
    subject = open_subject(app, bundle)
    assert try_checks(subject, killers, list_checks(bundle)) is not None


@pytest.mark.parametrize("mutant", ANSWERS.values(), ids=list(ANSWERS))
def test_a_wrong_frame_is_found(mutant: FrameMutant, app: Wsgi, bundle: PanelBundle) -> None:
    found = try_checks(open_subject(mutant.wrap(app), bundle), FRAMES, list_checks(bundle))
    assert found is not None


def test_the_request_that_found_something_can_be_sent_again(service: Service, bundle: PanelBundle) -> None:
    wrong = REGISTRIES["leaks an old bar"](service.registry.served, service.registry.default)
    app = make_app(Service(service.settings, wrong)).wsgi_app
    checks = [check for check in PANEL_CHECKS if check.name == "history"]
    [result] = run_checks(open_subject(app, bundle), checks=checks).results
    assert result.location is not None
    assert result.location.key.startswith("S3 ")
    assert '"symbol": "S3"' in result.location.curl or '"symbol":"S3"' in result.location.curl
    [name, number] = result.again.rsplit(" ", 1)[1].split(":")
    again = open_subject(app, bundle, Scope({name: [int(number)]}))
    [once] = run_checks(again, checks=checks).results
    assert once.comparison.findings
    assert isinstance(service.registry, Registry)
