"""Run checks and reach a verdict: what is not shown to be equal is never called equal."""

import enum
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lockstep.parity.answers import UnexpectedAnswer
from lockstep.parity.checks import CHECKS_OF, Check
from lockstep.parity.compare import Comparison
from lockstep.parity.constant import is_constant
from lockstep.parity.curl import write_again
from lockstep.parity.locate import Location, locate
from lockstep.parity.nodes import count_leaves
from lockstep.parity.subject import Subject
from lockstep.predict.guarantees import NOTHING
from lockstep.predict.stages import PROBA

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
    """What one check found; `location` is where a divergence begins, if the service's trace tells.

    `again` is the command that sends the first request again in which something was found.
    `is_varied` says whether the predictor answers rows differently, so that equal answers to all of them show nothing.
    """

    check: Check
    comparison: Comparison
    duration_s: float
    location: Location | None = None
    is_varied: bool = True
    again: str = ""

    @property
    def route(self) -> str:
        """Return where the first request was posted in which something was found; empty if nothing was."""
        posted = self.comparison.posted
        form = f" as {posted.form}" if posted and posted.form else ""
        return f"{posted.sent.path}{form}" if posted else ""

    @property
    def verdict(self) -> Verdict:
        """Return DIVERGED (OTHER_ARTEFACT for `identity`) for any finding, INCONCLUSIVE below a floor, else PARITY."""
        if self.comparison.findings:
            return Verdict.OTHER_ARTEFACT if self.check.name == IDENTITY else Verdict.DIVERGED
        return Verdict.INCONCLUSIVE if self.shortfall else Verdict.PARITY

    @property
    def shortfall(self) -> str:
        """Return which floor the check stayed below; empty where it stayed above all."""
        compared, distinct = self.comparison.compared, self.comparison.n_distinct
        if compared < self.check.floor:
            return f"only {compared} compared, at least {self.check.floor} are needed"
        if self.is_varied and 0 < distinct < MIN_DISTINCT:
            return f"only {distinct} distinct prediction(s) seen: equal answers prove nothing"
        return ""


@dataclass(frozen=True)
class Report:
    """The results of a run, the leaves of the tree that it reached of all there are, and the retries.

    `n_leaves` is 0 for a model that is not one tree. `labels_seen` counts the labels that were answered by a model of
    which nothing else can be seen; None for any other.
    """

    results: tuple[Result, ...]
    leaves_reached: int
    n_leaves: int
    retries: int
    labels_seen: int | None = None

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
        if self.labels_seen is not None and 0 < self.labels_seen < MIN_DISTINCT:
            return f"only {self.labels_seen} label was answered: equal answers prove nothing"
        return ""


def run_checks(
    subject: Subject,
    on_result: Callable[[Result], None] = lambda _: None,
    checks: Sequence[Check] | None = None,
    on_start: Callable[[Check], None] = lambda _: None,
) -> Report:
    """Return the report of `checks`, by default of all for this kind of model; raise `ServiceUnreachable`.

    `on_start` is called before each check, `on_result` after it.
    """
    results: list[Result] = []
    for check in CHECKS_OF[subject.kind] if checks is None else checks:
        on_start(check)
        results.append(_run(check, subject))
        on_result(results[-1])
    return conclude(subject, results)


def conclude(subject: Subject, results: Sequence[Result]) -> Report:
    """Return the report of checks that ran."""
    leaves = frozenset[int]().union(*(result.comparison.leaves for result in results))
    labels = {outputs[0] for result in results for outputs in result.comparison.distinct}
    shows_labels_alone = shows_labels(subject) and not is_constant(subject.bundle)
    return Report(
        tuple(results),
        len(leaves),
        count_leaves(subject.bundle),
        subject.client.retries,
        len(labels) if shows_labels_alone else None,
    )


def shows_labels(subject: Subject) -> bool:
    """Return whether labels are all that is compared: a check of few rows may then see one of them alone."""
    scores = subject.demand.guarantees.get(PROBA, NOTHING)
    return bool(subject.bundle.manifest.classes) and scores == NOTHING


def _run(check: Check, subject: Subject) -> Result:
    started = time.perf_counter()
    location = None
    try:
        comparison = check.run(subject)
        if comparison.findings:
            location = locate(subject.find_series(comparison), comparison)
    except UnexpectedAnswer as error:
        comparison = Comparison(0, faults=(str(error),))
    is_varied = not (is_constant(subject.bundle) or shows_labels(subject))
    again = write_again(subject, comparison.requests)
    return Result(check, comparison, time.perf_counter() - started, location, is_varied, again)
