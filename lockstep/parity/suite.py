"""Run checks and reach a verdict: what is not shown to be equal is never called equal."""

import enum
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lockstep.parity.answers import UnexpectedAnswer
from lockstep.parity.checks import CHECKS, Check
from lockstep.parity.compare import Comparison
from lockstep.parity.locate import Location, locate
from lockstep.parity.subject import Subject
from lockstep.parity.thresholds import count_leaves

MIN_DISTINCT = 2
MIN_LEAF_SHARE = 0.1
NOISE, IDENTITY = "repeat", "identity"


class Verdict(enum.Enum):
    """What was shown; the values are the exit codes of `lockstep parity`."""

    PARITY = 0
    DIVERGED = 1
    INCONCLUSIVE = 2
    OTHER_ARTEFACT = 3

    @property
    def word(self) -> str:
        """Return the verdict as every report writes it: `parity`, `diverged`, `inconclusive`, `other artefact`."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Result:
    """What one check found; `location` is where a divergence begins, if the service's trace tells."""

    check: Check
    comparison: Comparison
    duration_s: float
    location: Location | None = None

    @property
    def verdict(self) -> Verdict:
        """Return DIVERGED (OTHER_ARTEFACT for `identity`) for any finding, INCONCLUSIVE below a floor, else PARITY."""
        if self.comparison.findings:
            return Verdict.OTHER_ARTEFACT if self.check.name == IDENTITY else Verdict.DIVERGED
        return Verdict.INCONCLUSIVE if self.shortfall else Verdict.PARITY

    @property
    def shortfall(self) -> str:
        """Return which floor the check stayed below; empty where it stayed above all."""
        compared, distinct = self.comparison.compared, self.comparison.distinct
        if compared < self.check.floor:
            return f"only {compared} compared, at least {self.check.floor} are needed"
        if self.comparison.leaves and len(distinct) < MIN_DISTINCT:
            return f"only {len(distinct)} distinct prediction(s) seen: equal answers prove nothing"
        return ""


@dataclass(frozen=True)
class Report:
    """The results of a run, the leaves of the tree that it reached of all there are, and the retries."""

    results: tuple[Result, ...]
    leaves_reached: int
    n_leaves: int
    retries: int

    @property
    def verdict(self) -> Verdict:
        """Return the verdict of the run.

        Another artefact comes before all; a service that contradicts itself makes the rest inconclusive, as do
        too few leaves and a run without checks; then any divergence counts, then any check without a verdict.
        """
        verdicts = {result.check.name: result.verdict for result in self.results}
        if Verdict.OTHER_ARTEFACT in verdicts.values():
            return Verdict.OTHER_ARTEFACT
        if verdicts.get(NOISE) is Verdict.DIVERGED:
            return Verdict.INCONCLUSIVE
        if Verdict.DIVERGED in verdicts.values():
            return Verdict.DIVERGED
        return Verdict.INCONCLUSIVE if self.shortfall or Verdict.INCONCLUSIVE in verdicts.values() else Verdict.PARITY

    @property
    def shortfall(self) -> str:
        """Return what the run as a whole lacks; empty where it lacks nothing."""
        if not self.results:
            return "no check ran"
        if self.leaves_reached < MIN_LEAF_SHARE * self.n_leaves:
            return f"only {self.leaves_reached} of the tree's {self.n_leaves} leaves were reached"
        return ""


def run_checks(
    subject: Subject,
    on_result: Callable[[Result], None] = lambda _: None,
    checks: Sequence[Check] = CHECKS,
    on_start: Callable[[Check], None] = lambda _: None,
) -> Report:
    """Return the report of all `checks`; raise `ServiceUnreachable`.

    `on_start` is called before each check, `on_result` after it.
    """
    results: list[Result] = []
    for check in checks:
        on_start(check)
        results.append(_run(check, subject))
        on_result(results[-1])
    return conclude(subject, results)


def conclude(subject: Subject, results: Sequence[Result]) -> Report:
    """Return the report of checks that ran."""
    leaves = frozenset[int]().union(*(result.comparison.leaves for result in results))
    return Report(tuple(results), len(leaves), count_leaves(subject.bundle.model), subject.client.retries)


def _run(check: Check, subject: Subject) -> Result:
    started = time.perf_counter()
    location = None
    try:
        comparison = check.run(subject)
        if comparison.findings:
            location = locate(subject, comparison)
    except UnexpectedAnswer as error:
        comparison = Comparison(0, faults=(str(error),))
    return Result(check, comparison, time.perf_counter() - started, location)
