"""A wrong backtest is found, however little of it is wrong; a right one of every kind of target passes."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.outcomes import Outcomes, find_outcomes
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.registry import Registry
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.doors import backtest as door
from lockstep.doors.door import Door
from lockstep.doors.listed import DOORS
from lockstep.parity.checks import BACKTEST, CHECKS
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.parity.suite import Result, Verdict, run_checks
from lockstep.scoring.service import Service, load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from qa.families import train_family
from qa.in_process import AppClient
from tests.parity.mutants import forecasters as wrong
from tests.parity.mutants.backtests import WRONG
from tests.parity.mutants.trials import limit_checks

SEED = 1


@pytest.fixture(scope="module")
def service() -> Service:
    return load_service(Settings(rate_limit=None))


def judge(service: Service, bundle: Bundle, served: Door = door.DOOR) -> Result:
    """Return the result of the first requests to a service with another door for backtests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lockstep.web.app.DOORS", [served if each is door.DOOR else each for each in DOORS])
        client = AppClient(make_app(service).wsgi_app, bundle.manifest.name)
    checks = [check for check in CHECKS if check.name == BACKTEST]
    subject = make_subject(client, bundle, SEED)
    subject = dataclasses.replace(subject, scope=limit_checks(subject, checks))
    [result] = run_checks(subject, checks=checks).results
    return result


@pytest.mark.parametrize("served", WRONG.values(), ids=list(WRONG))
def test_a_wrong_backtest_is_found(served: Door, service: Service, default_bundle: SeriesBundle) -> None:
    result = judge(service, default_bundle, served)
    assert result.verdict is Verdict.DIVERGED
    assert result.again.endswith(f"--only {result.comparison.requests[0]}")


def test_two_sides_that_leak_alike_do_not_prove_each_other(service: Service, default_bundle: SeriesBundle) -> None:
    """This side is wrong as the service is; the evaluation is not."""
    alike = dataclasses.replace(default_bundle, forecaster=wrong.LooksOneBarAhead(default_bundle.forecaster))
    served = dataclasses.replace(service.registry.default, bundle=alike)
    leaking = dataclasses.replace(service, registry=Registry((served,), served))
    assert judge(leaking, alike).verdict is Verdict.DIVERGED


def test_two_sides_whose_outcomes_are_wrong_alike_do_not_prove_each_other(
    service: Service, default_bundle: SeriesBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_back(bundle: SeriesBundle, bars: Bars, places: NDArray[np.intp]) -> Outcomes:
        return find_outcomes(bundle, bars, places - 1)

    monkeypatch.setattr("lockstep.scoring.backtest.find_outcomes", look_back)
    result = judge(service, default_bundle)
    assert result.verdict is Verdict.DIVERGED
    assert any("is not what the bars say" in line for line in result.comparison.findings)


@pytest.mark.parametrize("family", ["direction-forest", "five-bars"])
def test_a_right_backtest_of_any_target_passes(family: str, tmp_path: Path) -> None:
    folder = train_family(family, tmp_path)
    result = judge(load_service(Settings(models=(folder,), rate_limit=None)), load_bundle(folder))
    assert (result.verdict, result.comparison.findings) == (Verdict.PARITY, [])
    assert result.comparison.compared > 200


def test_a_service_of_short_bodies_and_other_bits_passes_as_guaranteed(tmp_path: Path) -> None:
    """scikit-learn's ridge differs from the exact form in its last bits, and so do prices and scores."""
    folder = train_family("ridge", tmp_path)
    settings = Settings(models=(folder,), rate_limit=None, predictor="pickles", max_rows=90)
    result = judge(load_service(settings), load_bundle(folder))
    assert (result.verdict, result.comparison.findings) == (Verdict.PARITY, [])
    assert result.comparison.tolerated


def test_through_a_door_there_is_no_backtest(default_bundle: SeriesBundle) -> None:
    names = [check.name for check in list_checks(default_bundle, "mlflow")]
    assert names == [check.name for check in CHECKS if check.name != BACKTEST]
