"""Parity of every kind of model: real services pass, and each mutant is killed where it really goes wrong."""

import dataclasses
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.registry import Registry, SelfCheck, Served
from lockstep.bundles.series import as_series
from lockstep.bundles.table import as_table
from lockstep.data.bars import Array
from lockstep.parity.recording import record_run
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.parity.suite import Report, Verdict, run_checks
from lockstep.predict.conformal import SplitConformal
from lockstep.predict.exact.form import Inputs
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.forecast import Forecaster
from lockstep.predict.pickled import PickledModel
from lockstep.predict.stages import PROBA, Stages
from lockstep.scoring.service import Service
from lockstep.scoring.settings import Settings
from lockstep.web.app import create_app, make_app
from qa.default_bundle import DEFAULT_BUNDLE
from qa.families import train_family
from qa.in_process import AppClient
from tests.parity.mutants import answers
from tests.parity.mutants import models as wrong
from tests.parity.mutants.trials import limit_checks
from tests.unit.parity.conftest import STARTED

Load = Callable[[str], Bundle]


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("models")
    return cache(lambda name: train_family(name, folder))


@pytest.fixture(scope="module")
def load(folder_of: Callable[[str], Path]) -> Load:
    return cache(lambda name: load_bundle(folder_of(name)))


def serve_bundles(*bundles: Bundle, registry: type[Registry] = Registry) -> Service:
    """Return a service of bundles, the later ones as later versions; the last is the champion."""
    check, last = SelfCheck(1, 0.1), len(bundles)
    served = tuple(
        Served(bundle.manifest.name, number, ("champion",) if number == last else (), bundle, check)
        for number, bundle in enumerate(bundles, 1)
    )
    return Service(Settings(rate_limit=None), registry(served, served[-1]))


def judge(service: Service, bundle: Bundle, version: int | None = None, names: tuple[str, ...] = ()) -> Report:
    checks = [check for check in list_checks(bundle) if check.name in names]
    client = AppClient(make_app(service).wsgi_app, bundle.manifest.name, version)
    subject = make_subject(client, bundle, seed=1)
    return run_checks(dataclasses.replace(subject, scope=limit_checks(subject, checks)), checks=checks or None)


def replace_model(bundle: Bundle, mutate: wrong.Mutate) -> Bundle:
    assert isinstance(bundle.model, ExactModel)
    model = mutate(bundle.model)
    if bundle.manifest.kind == "table":
        return dataclasses.replace(bundle, model=model)
    series = as_series(bundle)
    was = series.forecaster
    forecaster = Forecaster(was.history, was.feature_set, model, was.interval)
    return dataclasses.replace(series, model=model, forecaster=forecaster)


def faults(report: Report) -> dict[str, list[str]]:
    wrong_results = [result for result in report.results if result.verdict is not Verdict.PARITY]
    return {result.check.name: [*result.comparison.findings[:3], result.shortfall] for result in wrong_results}


@pytest.mark.parametrize(
    "family", ["direction-forest", "five-bars", "direction-logistic", "table-hist-boosting", "table-svm"]
)
def test_a_real_service_of_a_family_passes_every_check(family: str, load: Load) -> None:
    bundle = load(family)
    report = judge(serve_bundles(bundle), bundle)
    assert faults(report) == {}
    assert report.verdict is Verdict.PARITY
    assert len(report.results) == (9 if bundle.manifest.kind == "table" else 14)


class IsNearlyRight(PickledModel):
    """Answer with probabilities that are off by the rounding of another BLAS."""

    def __init__(self, original: PickledModel) -> None:
        self.__dict__.update(original.__dict__)

    def predict(self, inputs: Inputs) -> Stages:
        stages = super().predict(inputs)
        return {**stages, PROBA: stages[PROBA] * (1.0 + 1e-13)}


@pytest.mark.parametrize(("promised", "is_enough"), [("tolerance 1e-12", True), ("tolerance 1e-14", False)])
def test_a_model_that_scikit_learn_predicts_is_judged_by_its_own_guarantees(
    promised: str, is_enough: bool, folder_of: Callable[[str], Path]
) -> None:
    bundle = load_bundle(folder_of("table-logistic"), runs="pickles")
    guarantees = {"proba": promised, "prediction": "labels"}
    manifest = msgspec.structs.replace(bundle.manifest, predictor="scikit-learn", guarantees=guarantees).sealed()
    pickled = dataclasses.replace(bundle, manifest=manifest)
    assert isinstance(bundle.model, PickledModel)
    near = dataclasses.replace(pickled, model=IsNearlyRight(bundle.model))
    report = judge(serve_bundles(near), pickled, names=("batch", "sensitive"))
    assert {result.verdict for result in report.results} == {report.verdict}
    assert report.verdict is (Verdict.PARITY if is_enough else Verdict.DIVERGED)
    located = {(found.location.stage, found.location.column) for found in report.results if found.location}
    assert {stage for stage, _ in located} == (set() if is_enough else {"proba"})


def test_the_pickles_of_the_default_bundle_pass_every_check_to_the_bit() -> None:
    bundle = load_bundle(DEFAULT_BUNDLE)
    app = create_app(Settings(models=(DEFAULT_BUNDLE,), predictor="pickles", rate_limit=None))
    subject = make_subject(AppClient(app.wsgi_app), bundle, seed=1)
    report = run_checks(subject)
    record = record_run(subject, report, subject.client.get_version(), STARTED)
    assert faults(report) == {}
    assert len(report.results) == 14
    assert "prediction guaranteed to bits, answered by scikit-learn" in record.summary
    assert {check.equality for check in record.checks} == {"bits"}


@pytest.mark.parametrize(
    ("family", "mutant", "killers", "stage", "column"),
    [
        ("direction-forest", wrong.SwapsClasses, {"batch", "chunks", "sensitive", "fresh"}, "proba", "down"),
        ("table-logistic", wrong.SwapsClasses, {"batch", "chunks", "sensitive"}, "proba", "east"),
        ("table-svm", wrong.OrdersLabelsOtherwise, {"batch", "sensitive"}, "prediction", ""),
        ("table-logistic", wrong.EncodesInOwnOrder, {"chunks", "sensitive"}, "encoded", "town=Bonn"),
        ("table-hist-boosting", wrong.EncodesInOwnOrder, {"chunks", "sensitive"}, "encoded", "town"),
        ("table-logistic", wrong.RefitsImputer, {"batch", "sensitive"}, "encoded", "area"),
        ("table-forest", wrong.AddsTreesBackwards, {"batch", "chunks", "sensitive"}, "prediction", ""),
        ("table-forest", wrong.AddsInFloat32, {"batch", "chunks", "sensitive"}, "prediction", ""),
        ("table-forest", wrong.TurnsInOneTree, {"batch", "chunks", "sensitive"}, "leaves", "tree 3"),
        ("forest", wrong.AddsTreesBackwards, {"batch", "chunks", "sensitive", "fresh"}, "prediction", ""),
    ],
)
def test_a_wrong_model_is_found_where_it_goes_wrong(
    family: str, mutant: wrong.Mutate, killers: set[str], stage: str, column: str, load: Load
) -> None:
    bundle = load(family)
    report = judge(serve_bundles(replace_model(bundle, mutant)), bundle, names=(*killers, "identity"))
    assert report.verdict is Verdict.DIVERGED
    assert faults(report).keys() == killers
    located = [result.location for result in report.results if result.location]
    assert {(location.stage, location.column) for location in located} & {(stage, column)}
    assert {location.stage for location in located} == {stage}
    assert all("curl -s http://in-process" in str(location) for location in located)
    assert all(("the paths part at tree 3, node " in str(location)) == (stage == "leaves") for location in located)


class ReachesTooFar(SplitConformal):
    """Take the next larger error, without the line between two."""

    def find_half_width(self, level: int) -> float:
        return float(self.errors[min((self.rows + 1) * level // 100, self.rows - 1)])


class CountsOneRowLess(SplitConformal):
    """Take the place of a quantile of n rows, as `numpy.quantile` does."""

    def find_half_width(self, level: int) -> float:
        return float(np.quantile(self.errors, level / 100))


class ShiftsByOneRow(SplitConformal):
    """Put the interval around the prediction of the row before."""

    def find_bounds(self, prediction: NDArray[Any], level: int) -> tuple[Array, Array]:
        return super().find_bounds(np.roll(prediction, 1), level)


class SwapsBounds(SplitConformal):
    """Answer the upper bound as the lower one."""

    def find_bounds(self, prediction: NDArray[Any], level: int) -> tuple[Array, Array]:
        lower, upper = super().find_bounds(prediction, level)
        return upper, lower


@pytest.mark.parametrize("mutant", [ReachesTooFar, CountsOneRowLess, ShiftsByOneRow, SwapsBounds])
def test_wrong_intervals_around_right_predictions_are_found(mutant: type[SplitConformal], load: Load) -> None:
    bundle = as_table(load("table-forest"))
    assert bundle.interval is not None
    wrong_one = dataclasses.replace(bundle)
    wrong_one.__dict__["interval"] = mutant(bundle.interval.errors)
    found = faults(judge(serve_bundles(wrong_one), bundle, names=("sensitive",)))
    assert found.keys() == {"sensitive"}
    assert {lines[0][:14] for lines in found.values()} <= {"the column lo-", "the column hi-"}


def test_probabilities_of_another_version_are_found(load: Load) -> None:
    bundle, other = load("table-logistic"), load("table-hist-labels")
    assert isinstance(other.model, ExactModel)
    mixed = replace_model(bundle, wrong.take_probabilities_of(other.model))
    names = ("batch", "chunks", "shuffled", "sensitive")
    report = judge(serve_bundles(mixed), bundle, names=names)
    assert faults(report).keys() == {*names}
    located = [result.location for result in report.results if result.location]
    assert {location.stage for location in located} == {"proba"}


def swap_columns_of_classes(body: bytes) -> bytes:
    """Head the probabilities with the classes in another order; what the trace tells stays right."""
    told = json.loads(body)
    if "forecast" in told:
        columns = told["forecast"]["columns"]
        told["forecast"]["columns"] = [*columns[:-2], *columns[:-3:-1]]
    return json.dumps(told).encode()


def test_classes_in_another_order_are_found_in_the_answer_even_if_the_stages_are_right(load: Load) -> None:
    bundle = load("direction-forest")
    checks = [check for check in list_checks(bundle) if check.name in ("batch", "identity")]
    client = AppClient(
        answers.spoil(make_app(serve_bundles(bundle)).wsgi_app, swap_columns_of_classes), "direction-forest"
    )
    report = run_checks(make_subject(client, bundle, seed=1), checks=checks)
    assert report.verdict is Verdict.DIVERGED
    found = faults(report)["batch"]
    assert found[0].startswith("the member forecast.columns does not follow from what was posted")
    assert ", proba_" in found[1]
    assert not any("stage" in line for line in found)


class AnswersWithTheChampion(Registry):
    """Pass over the version that a request names."""

    def choose(self, model: str | None = None, version: int | str | None = None, symbol: str | None = None) -> Served:
        return super().choose(model, None, symbol)


def test_another_version_than_asked_is_another_artefact(load: Load) -> None:
    bundle = load("table-logistic")
    newer = dataclasses.replace(bundle, manifest=msgspec.structs.replace(bundle.manifest, target="later").sealed())
    names = ("batch", "identity")
    right = judge(serve_bundles(bundle, newer), bundle, version=1, names=names)
    assert right.verdict is Verdict.PARITY
    wrong_one = judge(serve_bundles(bundle, newer, registry=AnswersWithTheChampion), bundle, version=1, names=names)
    assert wrong_one.verdict is Verdict.OTHER_ARTEFACT
    assert "the header X-Model-Version was 'table-logistic/2'" in faults(wrong_one)["batch"][0]


@pytest.mark.parametrize("horizon_bars", [4, 6])
def test_a_horizon_that_is_off_by_one_is_found(horizon_bars: int, load: Load) -> None:
    bundle = as_series(load("five-bars"))
    shifted = msgspec.structs.replace(bundle.manifest, horizon_bars=horizon_bars)
    names = ("batch", "chunks", "shuffled", "stateless", "fresh")
    found = faults(judge(serve_bundles(dataclasses.replace(bundle, manifest=shifted)), bundle, names=names))
    assert found.keys() == {*names}
    lines = {line.split(":")[0] for *findings, _ in found.values() for line in findings}
    assert lines == {"the column forecast_date of the answered frame does not follow from what was posted"}
