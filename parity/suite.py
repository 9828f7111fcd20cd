"""Run checks and reach a verdict: what is not shown to be equal is never called equal."""

import enum
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from parity.checks import CHECKS, Check, Subject
from parity.client import UnexpectedAnswer
from parity.compare import Comparison

MIN_DISTINCT = 2


class Verdict(enum.Enum):
    """Say what a check showed; the values are the exit codes of `lockstep parity`."""

    PARITY = 0
    DIVERGED = 1
    INCONCLUSIVE = 2


@dataclass(frozen=True)
class Result:
    """Hold what one check found."""

    check: Check
    comparison: Comparison
    duration_s: float

    @property
    def verdict(self) -> Verdict:
        """Return DIVERGED for any finding, INCONCLUSIVE below a floor, PARITY otherwise."""
        if self.comparison.findings:
            return Verdict.DIVERGED
        return Verdict.INCONCLUSIVE if self.shortfall else Verdict.PARITY

    @property
    def shortfall(self) -> str:
        """Return which floor the check stayed below; empty where it stayed above all."""
        compared, floor = self.comparison.compared, self.check.min_rows
        if compared < floor:
            return f"only {compared} rows compared, at least {floor} are needed"
        if len(self.comparison.distinct) < MIN_DISTINCT:
            return f"only {len(self.comparison.distinct)} distinct prediction(s) seen: equal answers prove nothing"
        return ""


@dataclass(frozen=True)
class Report:
    """Hold the results of a run."""

    results: tuple[Result, ...]
    retries: int

    @property
    def verdict(self) -> Verdict:
        """Return DIVERGED if any check diverged, else INCONCLUSIVE if any was or none ran, else PARITY."""
        verdicts = {result.verdict for result in self.results}
        for verdict in (Verdict.DIVERGED, Verdict.INCONCLUSIVE):
            if verdict in verdicts:
                return verdict
        return Verdict.PARITY if verdicts else Verdict.INCONCLUSIVE


def run_checks(subject: Subject, on_result: Callable[[Result], None], checks: Sequence[Check] = CHECKS) -> Report:
    """Return the report of all `checks`, calling `on_result` after each; raise `ServiceUnreachable`."""
    results = []
    for check in checks:
        results.append(_run(check, subject))
        on_result(results[-1])
    return Report(tuple(results), subject.client.retries)


def _run(check: Check, subject: Subject) -> Result:
    started = time.perf_counter()
    try:
        comparison = check.run(subject)
    except UnexpectedAnswer as error:
        comparison = Comparison(0, faults=(str(error),))
    return Result(check, comparison, time.perf_counter() - started)
