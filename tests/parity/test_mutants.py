"""The parity suite can fail: each mutant is killed by the checks named beside it, and by no accident."""

import dataclasses
from collections.abc import Callable

import pytest

from backend.app import make_app
from backend.service import load_service
from backend.settings import Settings
from models.bundle import Bundle
from models.forecast import Forecaster
from parity.checks import Subject
from parity.client import ServiceClient
from parity.suite import Report, Verdict, run_checks
from tests.parity.conftest import Serve
from tests.parity.mutants.forecasters import (
    DropsNewestRow,
    DropsScaler,
    IgnoresPostedPrices,
    Mutant,
    ShiftsAnswersByOne,
)

MakeMutant = Callable[[Forecaster], Mutant]


def judge(make_mutant: MakeMutant, serve: Serve, bundle: Bundle) -> Report:
    service = load_service(Settings())
    wrong = dataclasses.replace(service.default, forecaster=make_mutant(service.default.forecaster))
    mutated = dataclasses.replace(service, bundles={wrong.manifest.symbol: wrong})
    with serve(make_app(mutated)) as url:
        return run_checks(Subject(ServiceClient(url), bundle, seed=1), on_result=lambda _: None)


def test_the_real_service_passes(serve: Serve, default_bundle: Bundle) -> None:
    report = judge(Mutant, serve, default_bundle)
    assert {result.check.name: result.verdict for result in report.results} == {
        "batch": Verdict.PARITY,
        "single": Verdict.PARITY,
        "sensitive": Verdict.PARITY,
    }
    assert report.verdict is Verdict.PARITY


@pytest.mark.parametrize(
    ("mutant", "killers"),
    [
        (IgnoresPostedPrices, {"sensitive"}),
        (DropsNewestRow, {"batch", "single", "sensitive"}),
        (ShiftsAnswersByOne, {"batch", "sensitive"}),
        (DropsScaler, {"batch", "single", "sensitive"}),
    ],
)
def test_a_wrong_service_is_found(mutant: MakeMutant, killers: set[str], serve: Serve, default_bundle: Bundle) -> None:
    report = judge(mutant, serve, default_bundle)
    assert {result.check.name for result in report.results if result.verdict is Verdict.DIVERGED} == killers
    assert report.verdict is Verdict.DIVERGED
    assert all(result.comparison.findings for result in report.results if result.verdict is Verdict.DIVERGED)
