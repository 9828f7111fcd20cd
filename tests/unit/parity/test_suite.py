from dataclasses import dataclass, field

import pytest

from parity.checks import Check, Subject
from parity.client import UnexpectedAnswer
from parity.compare import Comparison, compare_answers
from parity.suite import Report, Verdict, run_checks


@dataclass
class NoClient:
    retries: int = 3


@dataclass
class NoSubject:
    client: NoClient = field(default_factory=NoClient)


def run(*comparisons: Comparison | Exception) -> Report:
    def check(outcome: Comparison | Exception) -> Check:
        def answer(_: Subject) -> Comparison:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return Check("check", "something", answer, min_rows=2)

    return run_checks(NoSubject(), lambda _: None, [check(outcome) for outcome in comparisons])  # type: ignore[arg-type]


GOOD = compare_answers({"a": 1.0, "b": 2.0}, ["a", "b"], [1.0, 2.0])
BAD = compare_answers({"a": 1.0, "b": 2.0}, ["a", "b"], [1.0, 2.5])
FEW = compare_answers({"a": 1.0}, ["a"], [1.0])
MONOTONOUS = compare_answers({"a": 1.0, "b": 1.0}, ["a", "b"], [1.0, 1.0])


@pytest.mark.parametrize(
    ("comparisons", "verdict"),
    [
        ([GOOD], Verdict.PARITY),
        ([GOOD, GOOD], Verdict.PARITY),
        ([GOOD, BAD], Verdict.DIVERGED),
        ([FEW, BAD], Verdict.DIVERGED),
        ([GOOD, FEW], Verdict.INCONCLUSIVE),
        ([MONOTONOUS], Verdict.INCONCLUSIVE),
        ([Comparison(0)], Verdict.INCONCLUSIVE),
        ([], Verdict.INCONCLUSIVE),
        ([UnexpectedAnswer("500")], Verdict.DIVERGED),
    ],
)
def test_what_is_not_shown_to_be_equal_is_not_called_equal(
    comparisons: list[Comparison | Exception], verdict: Verdict
) -> None:
    assert run(*comparisons).verdict is verdict


def test_the_floor_that_was_missed_is_named() -> None:
    report = run(FEW, MONOTONOUS)
    assert [result.shortfall for result in report.results] == [
        "only 1 rows compared, at least 2 are needed",
        "only 1 distinct prediction(s) seen: equal answers prove nothing",
    ]


def test_retries_are_reported() -> None:
    assert run(GOOD).retries == 3
