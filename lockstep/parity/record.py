"""The record of a run: all that was compared, where and with what outcome. Every report is a view of it."""

import datetime
from collections import Counter

import msgspec
import numpy as np

from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.machine import Machine, describe_machine
from lockstep.parity.answers import Version
from lockstep.parity.client import ServiceClient
from lockstep.parity.locate import Location
from lockstep.parity.subject import Subject
from lockstep.parity.suite import Report, Result
from lockstep.predict.stages import PREDICTION

MAX_FINDINGS = 100
PREDICTIONS_OF = "batch"
PERCENTILES = (50, 90, 99, 100)
UNTOLD = "–"


class BundleEntry(msgspec.Struct, frozen=True):
    """Name the bundle whose evaluation was compared, and the level of equality that its manifest demands."""

    name: str
    symbol: str
    digest: str
    level: str


class Side(msgspec.Struct, frozen=True):
    """What one of the two sides runs on; `machine` is None where a service does not tell."""

    libraries: dict[str, str]
    machine: Machine | None


class CheckEntry(msgspec.Struct, frozen=True):
    """One check: its verdict, how much it compared of at least how much, and what it found (at most 100 lines)."""

    name: str
    proves: str
    verdict: str
    compared: int
    floor: int
    level: str
    duration_s: float
    n_findings: int
    findings: list[str]
    shortfall: str
    location: Location | None


class Latency(msgspec.Struct, frozen=True):
    """How long the answers of one route took to come, in milliseconds; retries are not among them."""

    path: str
    requests: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


class Prediction(msgspec.Struct, frozen=True, array_like=True):
    """One evaluated date: the prediction in evaluation.csv, and the served one."""

    date: str
    evaluated: float
    served: float | None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the suite; `differing` counts rows by stage and feature, over the checks that located any."""

    schema_version: int = 1
    verdict: str
    exit_code: int
    shortfall: str
    url: str
    bundle: BundleEntry
    seed: int
    started: str
    duration_s: float
    local: Side
    service: Side
    service_commit: str
    checks: list[CheckEntry]
    leaves_reached: int
    n_leaves: int
    retries: int
    latency: list[Latency]
    features: list[str]
    differing: dict[str, dict[str, int]]
    predictions: list[Prediction]

    @property
    def compared(self) -> int:
        """Return how many comparisons all checks made."""
        return sum(check.compared for check in self.checks)

    @property
    def summary(self) -> str:
        """Say in one line what was compared."""
        retries = f", {self.retries} retries" if self.retries else ""
        return (
            f"{len(self.checks)} checks, {self.compared} comparisons, {self.bundle.level} demanded, "
            f"{self.leaves_reached} of the tree's {self.n_leaves} leaves reached{retries}"
        )

    @property
    def sides(self) -> list[tuple[str, str, str]]:
        """Return what the two sides run on: a name, the local value and the service's."""
        local, service = _list_properties(self.local), _list_properties(self.service)
        rows = [(name, local.get(name, UNTOLD), service.get(name, UNTOLD)) for name in {**local, **service}]
        return [*rows, ("commit", UNTOLD, self.service_commit)]


def _list_properties(side: Side) -> dict[str, str]:
    machine = side.machine
    told = {} if machine is None else {"system": machine.system, "cpu": machine.cpu, "simd": " ".join(machine.simd)}
    return {**side.libraries, **told}


def record_run(subject: Subject, report: Report, version: Version, started: datetime.datetime) -> Record:
    """Return the record of a run that began at `started` (with its zone) and has just ended."""
    manifest, results = subject.bundle.manifest, report.results
    now = datetime.datetime.now(datetime.UTC)
    return Record(
        verdict=report.verdict.word,
        exit_code=report.verdict.value,
        shortfall=report.shortfall,
        url=subject.client.url,
        bundle=BundleEntry(manifest.name, manifest.symbol, manifest.digest, manifest.guarantees[PREDICTION]),
        seed=subject.seed,
        started=started.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        duration_s=round((now - started).total_seconds(), 3),
        local=Side(installed_libraries(), describe_machine()),
        service=Side(version.libraries, version.machine),
        service_commit=version.commit,
        checks=[_enter_check(result) for result in results],
        leaves_reached=report.leaves_reached,
        n_leaves=report.n_leaves,
        retries=report.retries,
        latency=_measure_latency(subject.client),
        features=manifest.feature_set.columns,
        differing=_add_differing(manifest.stages, results),
        predictions=_pair_predictions(subject, results),
    )


def _enter_check(result: Result) -> CheckEntry:
    findings = result.comparison.findings
    return CheckEntry(
        name=result.check.name,
        proves=result.check.proves,
        verdict=result.verdict.word,
        compared=result.comparison.compared,
        floor=result.check.floor,
        level=result.comparison.level,
        duration_s=round(result.duration_s, 4),
        n_findings=len(findings),
        findings=findings[:MAX_FINDINGS],
        shortfall=result.shortfall,
        location=result.location,
    )


def _measure_latency(client: ServiceClient) -> list[Latency]:
    taken: dict[str, list[float]] = {}
    for path, seconds in client.timings:
        taken.setdefault(path, []).append(1e3 * seconds)
    return [
        Latency(path, len(times), *np.percentile(times, PERCENTILES).round(3).tolist())
        for path, times in sorted(taken.items())
    ]


def _add_differing(stages: tuple[str, ...], results: tuple[Result, ...]) -> dict[str, dict[str, int]]:
    """Return how many rows differ, by stage and feature, over all checks that found and located a difference."""
    counts: dict[str, Counter[str]] = {stage: Counter() for stage in stages}
    for result in results:
        for stage, rows in result.location.differing.items() if result.location else ():
            counts[stage].update(rows)
    return {stage: dict(found) for stage, found in counts.items()}


def _pair_predictions(subject: Subject, results: tuple[Result, ...]) -> list[Prediction]:
    answers = next((result.comparison.answers for result in results if result.check.name == PREDICTIONS_OF), {})
    evaluated = subject.evaluated.predictions
    return [Prediction(date, evaluated[date], answers[date]) for date in evaluated if date in answers]
