from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from lockstep.parity.answers import UnexpectedAnswer, Version
from lockstep.parity.checks import Check
from lockstep.parity.compare import Comparison, compare_answers
from lockstep.parity.series import SeriesSubject
from lockstep.parity.suite import Report, Verdict, run_checks
from lockstep.predict.exact.constant import ConstantRegressor
from lockstep.predict.exact.form import numbers
from lockstep.predict.exact.forms import LAYOUT, ExactForm
from lockstep.predict.exact.linear import LinearRegressor
from lockstep.predict.exact.model import ExactModel
from lockstep.predict.exact.tree import TreeRegressor


@dataclass
class StubClient:
    retries: int = 3
    version: int | None = None

    def get_version(self) -> Version:
        return Version([], {}, {})


@dataclass
class StubManifest:
    classes: list[str] = field(default_factory=list)
    guarantees: dict[str, str] = field(default_factory=lambda: {"prediction": "bits"})
    name: str = "stub"
    predictor: str = "exact"
    stages: tuple[str, ...] = ("leaf", "prediction")


N_LEAVES = 10
NODES = 2 * N_LEAVES - 1
CHAIN = np.arange(0, NODES - 1, 2)
"""The nodes of a tree that goes right again and again: each has a leaf on its left."""


def make_model() -> ExactModel:
    left, right = np.full((2, NODES), -1, np.int32)
    left[CHAIN], right[CHAIN] = CHAIN + 1, CHAIN + 2
    feature, threshold = np.where(left < 0, -1, 0).astype(np.int32), np.zeros(NODES)
    starts, missing_left = np.array([0, NODES]), np.zeros(NODES, bool)
    tree = TreeRegressor(starts, left, right, feature, threshold, missing_left, False, np.arange(NODES) * 1.0)
    return ExactModel(ExactForm(LAYOUT, None, [], tree), numbers(1), False)


def make_constant() -> ExactModel:
    return ExactModel(ExactForm(LAYOUT, None, [], ConstantRegressor(1.0)), numbers(1), False)


def make_linear(coefficient: float) -> ExactModel:
    form = ExactForm(LAYOUT, None, [], LinearRegressor(np.array([coefficient]), 0.0))
    return ExactModel(form, numbers(1), False)


@dataclass
class StubBundle:
    model: ExactModel = field(default_factory=make_model)
    manifest: StubManifest = field(default_factory=StubManifest)


def run(*outcomes: Comparison | Exception, names: tuple[str, ...] = (), bundle: StubBundle | None = None) -> Report:
    def check(outcome: Comparison | Exception, name: str) -> Check:
        def answer(_: SeriesSubject) -> Comparison:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return Check(name, "something", answer, floor=2)

    subject = SeriesSubject(StubClient(), bundle or StubBundle(), seed=1)  # type: ignore[arg-type]
    checks = [check(outcome, name) for outcome, name in zip(outcomes, names or ("any",) * len(outcomes), strict=True)]
    return run_checks(subject, lambda _: None, checks)


LEAVES = frozenset({1, 2, 3})
GOOD = replace(compare_answers({"a": 1.0, "b": 2.0}, ["a", "b"], [1.0, 2.0]), leaves=LEAVES)
BAD = replace(compare_answers({"a": 1.0, "b": 2.0}, ["a", "b"], [1.0, 2.5]), leaves=LEAVES)
FEW = replace(compare_answers({"a": 1.0}, ["a"], [1.0]), leaves=LEAVES)
MONOTONOUS = replace(compare_answers({"a": 1.0, "b": 1.0}, ["a", "b"], [1.0, 1.0]), leaves=LEAVES)
FEW_LEAVES = replace(GOOD, leaves=frozenset())


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([GOOD], Verdict.PARITY),
        ([GOOD, GOOD], Verdict.PARITY),
        ([GOOD, BAD], Verdict.DIVERGED),
        ([FEW, BAD], Verdict.DIVERGED),
        ([GOOD, FEW], Verdict.INCONCLUSIVE),
        ([MONOTONOUS], Verdict.INCONCLUSIVE),
        ([FEW_LEAVES], Verdict.INCONCLUSIVE),
        ([Comparison(0)], Verdict.INCONCLUSIVE),
        ([], Verdict.INCONCLUSIVE),
        ([UnexpectedAnswer("500")], Verdict.DIVERGED),
    ],
)
def test_what_is_not_shown_to_be_equal_is_not_called_equal(
    outcomes: list[Comparison | Exception], verdict: Verdict
) -> None:
    assert run(*outcomes).verdict is verdict


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ((GOOD, GOOD, BAD), Verdict.DIVERGED),
        ((BAD, GOOD, BAD), Verdict.INCONCLUSIVE),
        ((GOOD, BAD, GOOD), Verdict.OTHER_ARTEFACT),
        ((BAD, BAD, BAD), Verdict.OTHER_ARTEFACT),
    ],
)
def test_another_artefact_comes_before_noise_and_noise_before_divergence(
    outcomes: tuple[Comparison, ...], verdict: Verdict
) -> None:
    assert run(*outcomes, names=("repeat", "identity", "batch")).verdict is verdict


def test_the_floor_that_was_missed_is_named() -> None:
    report = run(FEW, MONOTONOUS)
    assert [result.shortfall for result in report.results] == [
        "only 1 compared, at least 2 are needed",
        "only 1 distinct prediction(s) seen: equal answers prove nothing",
    ]
    assert run().shortfall == "no check ran"
    assert run(FEW_LEAVES).shortfall == "only 0 of the tree's 10 leaves were reached"


def test_retries_and_leaves_are_reported() -> None:
    report = run(GOOD)
    assert (report.retries, report.leaves_reached, report.n_leaves) == (3, 3, 10)


LABELS = ["down", "up"]
ONE_LABEL = compare_answers({"a": "up", "b": "up"}, ["a", "b"], ["up", "up"])
TWO_LABELS = compare_answers({"a": "up", "b": "down"}, ["a", "b"], ["up", "down"])
LABELS_ALONE = StubBundle(make_constant(), StubManifest(LABELS, {"prediction": "labels", "proba": "nothing"}))
WITH_SCORES = StubBundle(manifest=StubManifest(LABELS, {"prediction": "bits", "proba": "bits"}))


def as_varied(bundle: StubBundle) -> StubBundle:
    return replace(bundle, model=make_linear(1.0))


def test_one_label_in_a_check_is_enough_if_the_run_has_two() -> None:
    varied = as_varied(LABELS_ALONE)
    assert run(ONE_LABEL, TWO_LABELS, bundle=varied).verdict is Verdict.PARITY
    alone = run(ONE_LABEL, bundle=varied)
    assert (alone.verdict, alone.labels_seen) == (Verdict.INCONCLUSIVE, 1)
    assert alone.shortfall == "only 1 label was answered: equal answers prove nothing"


def test_probabilities_show_as_much_as_numbers_do() -> None:
    bundle = as_varied(WITH_SCORES)
    scored = replace(ONE_LABEL, distinct=frozenset({("up", 0.5), ("up", 0.75)}))
    assert run(scored, bundle=bundle).verdict is Verdict.PARITY
    assert run(ONE_LABEL, bundle=bundle).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("bundle", [LABELS_ALONE, StubBundle(make_constant()), StubBundle(make_linear(0.0))])
def test_a_constant_model_cannot_answer_two_things(bundle: StubBundle) -> None:
    assert run(ONE_LABEL, bundle=bundle).verdict is Verdict.PARITY
