"""The parity suite can fail: each mutant is killed, by the checks named beside it, where it really goes wrong."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from lockstep.bundles.series import SeriesBundle
from lockstep.parity.checks import CHECKS
from lockstep.parity.locate import locate
from lockstep.parity.series import SeriesSubject
from lockstep.parity.suite import Report, Verdict, run_checks
from lockstep.predict.forecast import Forecaster
from lockstep.scoring.service import load_service
from lockstep.scoring.settings import Settings
from lockstep.web.app import make_app
from qa.in_process import AppClient
from tests.parity.mutants import answers
from tests.parity.mutants import forecasters as wrong
from tests.parity.mutants.intervals import WRONG_INTERVALS, TakesWholeHistory, WrongInterval, with_interval
from tests.parity.mutants.trials import limit_checks, serve_forecaster, try_checks

MakeForecaster = Callable[[Forecaster], Forecaster]


def judge(
    make: MakeForecaster,
    bundle: SeriesBundle,
    names: Iterable[str] = (),
    around: Callable[[Any], Any] = lambda app: app,
) -> Report:
    """Return the report of the first requests of some checks, or of all, on a service whose forecaster is wrong."""
    client = AppClient(around(serve_forecaster(make)), bundle.manifest.name)
    subject, checks = SeriesSubject(client, bundle, seed=1), [check for check in CHECKS if check.name in names]
    scope = limit_checks(subject, checks)
    return run_checks(dataclasses.replace(subject, scope=scope), checks=checks or CHECKS)


def diverged(report: Report) -> set[str]:
    return {result.check.name for result in report.results if result.verdict is Verdict.DIVERGED}


def test_the_real_service_passes_every_check(default_bundle: SeriesBundle) -> None:
    report = judge(wrong.Mutant, default_bundle)
    assert {
        result.check.name: result.verdict for result in report.results if result.verdict is not Verdict.PARITY
    } == {}
    assert len(report.results) == 14
    assert report.verdict is Verdict.PARITY


@pytest.mark.parametrize(
    ("mutant", "killers", "stage", "feature"),
    [
        (wrong.IgnoresPostedPrices, {"sensitive"}, "features", "return"),
        (wrong.PrefersHistory, {"sensitive"}, "features", "return"),
        (wrong.DropsNewestRow, {"batch", "chunks", "sensitive"}, None, None),
        (wrong.KeepsLastNewRowOnly, {"batch", "chunks", "sensitive"}, "prediction", ""),
        (wrong.ShiftsAnswersByOne, {"batch", "chunks", "shuffled", "sensitive"}, "prediction", ""),
        (wrong.DropsScaler, {"batch", "chunks", "sensitive"}, "scaled", "return"),
        (wrong.RefitsScaler, {"batch", "chunks", "sensitive"}, "scaled", "return"),
        (wrong.CentresOnBatch, {"batch", "chunks"}, "scaled", "return"),
        (wrong.SwapsTwoColumns, {"batch", "chunks", "sensitive"}, "features", "close_to_open"),
        (wrong.LooksOneBarAhead, {"batch", "chunks", "causal"}, "features", "return"),
        (wrong.UsesShortWindow, {"batch", "chunks"}, "features", "ma_50_200"),
        (wrong.RoundsToFloat32, {"batch", "chunks"}, "features", "return"),
        (wrong.SumsFromStartOfHistory, {"batch", "chunks"}, "features", "return"),
        (wrong.TurnsZeroToNothing, {"batch", "chunks"}, "features", "on_balance_volume"),
    ],
)
def test_a_wrong_forecaster_is_found_where_it_goes_wrong(
    mutant: MakeForecaster,
    killers: set[str],
    stage: str | None,
    feature: str | None,
    default_bundle: SeriesBundle,
) -> None:
    report = judge(mutant, default_bundle, killers)
    assert report.verdict is Verdict.DIVERGED
    assert diverged(report) == killers
    located = [result.location for result in report.results if result.location]
    assert (located[0].stage, located[0].column) == (stage, feature) if stage else located == []
    assert all("curl -s http://in-process" in str(location) for location in located)


def test_two_sides_that_break_the_window_rule_alike_do_not_prove_each_other(default_bundle: SeriesBundle) -> None:
    alike = dataclasses.replace(default_bundle, forecaster=wrong.GrowsWithHistory(default_bundle.forecaster))
    report = judge(wrong.GrowsWithHistory, alike, {"chunks"})
    assert diverged(report) == {"chunks"}


@pytest.mark.parametrize("interval", WRONG_INTERVALS, ids=lambda interval: interval.name)
def test_a_wrong_interval_is_found_where_it_goes_wrong(interval: WrongInterval, default_bundle: SeriesBundle) -> None:
    client = AppClient(serve_forecaster(interval.mutate), default_bundle.manifest.name)
    subject = SeriesSubject(client, default_bundle, seed=1)
    found = try_checks(subject, interval.killers)
    assert found is not None
    location = locate(subject, found)
    assert ("" if location is None else location.stage) == interval.stage
    assert location is None or location.column.isdigit() == (location.stage == "half_width")


def test_two_sides_whose_widths_depend_on_neighbors_alike_do_not_prove_each_other(default_bundle: SeriesBundle) -> None:
    mutate = with_interval(TakesWholeHistory)
    alike = dataclasses.replace(default_bundle, forecaster=mutate(default_bundle.forecaster))
    report = judge(mutate, alike, {"chunks"})
    assert diverged(report) == {"chunks"}


@pytest.mark.parametrize("change", [answers.cut_to_ten_decimals, answers.answer_nothing, answers.answer_null])
def test_a_wrong_answer_is_found(change: Callable[[bytes], bytes], default_bundle: SeriesBundle) -> None:
    names = {check.name for check in CHECKS} - {"repeat", "errors", "identity"}
    report = judge(wrong.Mutant, default_bundle, names, lambda app: answers.spoil(app, change))
    assert report.verdict is Verdict.DIVERGED
    assert diverged(report) == names


def test_stages_that_nobody_could_compare_are_not_passed_over(default_bundle: SeriesBundle) -> None:
    names = {"batch", "chunks", "sensitive"}
    report = judge(wrong.Mutant, default_bundle, names, lambda app: answers.spoil(app, answers.leave_out_trace))
    assert diverged(report) == names
    findings = [line for result in report.results for line in result.comparison.findings]
    assert all(" of the trace does not follow" in line for line in findings)


@pytest.mark.parametrize(
    ("change", "column"), [(answers.forecast_the_same_day, "forecast_date"), (answers.round_the_price, "close_pred")]
)
def test_what_stands_beside_the_prediction_is_compared(
    change: Callable[[bytes], bytes], column: str, default_bundle: SeriesBundle
) -> None:
    names = {"batch", "shuffled", "stateless"}
    report = judge(wrong.Mutant, default_bundle, names, lambda app: answers.spoil(app, change))
    assert diverged(report) == names
    findings = [line for result in report.results for line in result.comparison.findings]
    assert {line.split(" of the answered frame")[0] for line in findings} == {f"the column {column}"}


def test_an_error_of_another_form_is_found(default_bundle: SeriesBundle) -> None:
    report = judge(wrong.Mutant, default_bundle, {"batch", "errors"}, answers.answer_errors_as_text)
    assert diverged(report) == {"errors"}


@pytest.mark.parametrize(
    ("told", "finding"),
    [
        ({"libraries": {"numpy": "1.0", "scikit-learn": "0.1"}}, "the service runs numpy 1.0"),
        ({"self_check": {"msft/1": {"equal": False}}}, "did not reproduce this bundle's evaluation"),
        ({"self_check": {}}, "/version has no self-check of msft"),
        ({"models": []}, "/version tells of no model"),
    ],
)
def test_another_environment_is_another_artefact(
    told: dict[str, Any], finding: str, default_bundle: SeriesBundle
) -> None:
    report = judge(wrong.Mutant, default_bundle, {"identity"}, lambda app: answers.tell_version(app, **told))
    assert report.verdict is Verdict.OTHER_ARTEFACT
    assert finding in report.results[-1].comparison.findings[0]


def test_a_buffer_shared_by_threads_is_found_by_concurrent_clients(default_bundle: SeriesBundle) -> None:
    report = judge(wrong.SharesBuffer, default_bundle, {"chunks", "concurrent"})
    assert report.verdict is Verdict.DIVERGED
    assert diverged(report) == {"concurrent"}


def test_a_service_that_contradicts_itself_makes_the_rest_inconclusive(default_bundle: SeriesBundle) -> None:
    report = judge(wrong.Drifts, default_bundle, {"repeat", "batch"})
    assert "repeat" in diverged(report)
    assert report.verdict is Verdict.INCONCLUSIVE


def test_a_stale_process_behind_the_address_is_another_artefact(default_bundle: SeriesBundle) -> None:
    report = judge(wrong.Mutant, default_bundle, {"batch", "shuffled", "identity"}, answers.claim_another_digest)
    assert report.verdict is Verdict.OTHER_ARTEFACT
    assert diverged(report) == set()


def test_another_bundle_is_another_artefact(default_bundle: SeriesBundle) -> None:
    renamed = msgspec.structs.replace(default_bundle.manifest, name="other").sealed()
    client = AppClient(make_app(load_service(Settings())).wsgi_app)
    subject = SeriesSubject(client, dataclasses.replace(default_bundle, manifest=renamed), seed=1)
    report = run_checks(subject, checks=[check for check in CHECKS if check.name in ("batch", "identity")])
    assert report.verdict is Verdict.OTHER_ARTEFACT
