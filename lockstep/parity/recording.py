"""Make the record of a run from what its checks found."""

import datetime
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from lockstep.bundles.interval import list_evaluated_levels
from lockstep.bundles.libraries import installed_libraries
from lockstep.bundles.machine import describe_machine
from lockstep.bundles.manifest import SeriesManifest
from lockstep.parity.answers import Version
from lockstep.parity.client import ServiceClient
from lockstep.parity.difference import Difference
from lockstep.parity.draws import SCHEME
from lockstep.parity.panel import PanelSubject
from lockstep.parity.quoting import quote_text
from lockstep.parity.record import BundleEntry, CheckEntry, Latency, Prediction, Record, Side
from lockstep.parity.series import SeriesSubject
from lockstep.parity.subject import Subject
from lockstep.parity.suite import Report, Result
from lockstep.predict.stages import HALF_WIDTH, PREDICTION

MAX_FINDINGS = 100
PREDICTIONS_OF = "batch"
PERCENTILES = (50, 90, 99, 100)


def record_run(subject: Subject, report: Report, version: Version, started: datetime.datetime) -> Record:
    """Return the record of a run that began at `started` (with its zone) and has just ended.

    What the service said stands in it quoted, so that no report has to.
    """
    results = report.results
    differing = _add_differing(subject, results)
    told = msgspec.convert(_quote_all(msgspec.to_builtins(version)), Version)
    now = datetime.datetime.now(datetime.UTC)
    return Record(
        verdict=report.verdict.word,
        exit_code=report.verdict.value,
        shortfall=report.shortfall,
        url=subject.client.url,
        bundle=_describe_bundle(subject),
        scheme=SCHEME,
        seed=subject.seed,
        started=started.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        duration_s=round((now - started).total_seconds(), 3),
        local=Side(installed_libraries(), describe_machine()),
        service=Side(told.libraries, told.machine),
        service_commit=told.commit,
        checks=[enter_check(result) for result in results],
        leaves_reached=report.leaves_reached,
        n_leaves=report.n_leaves,
        retries=report.retries,
        latency=_measure_latency(subject.client),
        columns=_list_columns(subject, differing),
        differing=differing,
        predictions=_pair_predictions(subject, results),
        door="" if subject.protocol is None else subject.protocol.name,
        identity=subject.identity.value,
        server=told.server,
    )


def _describe_bundle(subject: Subject) -> BundleEntry:
    """Return what was proven; one series of a panel is not the panel."""
    manifest, demand = subject.bundle.manifest, subject.demand
    symbol = manifest.symbol if isinstance(manifest, SeriesManifest) else None
    guarantees = dict(demand.guarantees)
    entry = BundleEntry(manifest.name, manifest.kind, symbol, manifest.digest, demand.predictor, guarantees)
    if not isinstance(subject, SeriesSubject) or subject.panel is None:
        return entry
    of_panel = msgspec.structs.replace(entry, kind=subject.panel.manifest.kind, series=len(subject.panel.index))
    if not isinstance(subject, PanelSubject):
        return of_panel
    return msgspec.structs.replace(of_panel, symbol=None, touched=len(subject.touched))


def enter_check(result: Result) -> CheckEntry:
    """Return the entry of a check that ran."""
    findings = result.comparison.findings
    return CheckEntry(
        name=result.check.name,
        proves=result.check.proves,
        verdict=result.verdict.word,
        compared=result.comparison.compared,
        floor=result.check.floor,
        equality=result.comparison.equality,
        duration_s=round(result.duration_s, 4),
        n_findings=len(findings),
        findings=findings[:MAX_FINDINGS],
        shortfall=result.shortfall,
        requests=list(result.comparison.requests)[:MAX_FINDINGS],
        again=result.again,
        location=result.location,
        route=result.route,
    )


def _measure_latency(client: ServiceClient) -> list[Latency]:
    taken: dict[str, list[float]] = {}
    for path, seconds in client.timings:
        taken.setdefault(path, []).append(1e3 * seconds)
    return [
        Latency(path, len(times), *np.percentile(times, PERCENTILES).round(3).tolist())
        for path, times in sorted(taken.items())
    ]


def _list_columns(subject: Subject, differing: Mapping[str, Mapping[str, int]]) -> dict[str, list[str]]:
    """Return the names of the columns of each stage; of all levels those of the evaluation, and those that differ."""
    manifest, evaluated = subject.bundle.manifest, subject.evaluated
    columns: dict[str, list[str]] = {}
    for stage in subject.compared_stages:
        values = evaluated.stages[stage]
        columns[stage] = list(subject.name_columns(stage, values.shape[1], evaluated.levels)) if values.ndim > 1 else []
    if isinstance(manifest, SeriesManifest) and HALF_WIDTH in columns:
        shown = {*map(str, list_evaluated_levels(manifest)), *differing[HALF_WIDTH]}
        columns[HALF_WIDTH] = [name for name in columns[HALF_WIDTH] if name in shown]
    return columns


def _add_differing(subject: Subject, results: tuple[Result, ...]) -> dict[str, dict[str, int]]:
    """Return how many rows differ, by stage and column, over all checks; without a location, the predictions alone."""
    counts: dict[str, Counter[str]] = {stage: Counter() for stage in subject.compared_stages}
    for result in results:
        for stage, rows in result.location.differing.items() if result.location else ():
            counts[stage].update(rows)
        if not result.location and (keys := {each.key for each in _list_predictions_apart(result)}):
            counts.setdefault(PREDICTION, Counter())[""] += len(keys)
    return {stage: dict(found) for stage, found in counts.items()}


def _list_predictions_apart(result: Result) -> list[Difference]:
    return [each for each in result.comparison.differences if each.column == PREDICTION]


def _pair_predictions(subject: Subject, results: tuple[Result, ...]) -> list[Prediction]:
    answers = next((result.comparison.answers for result in results if result.check.name == PREDICTIONS_OF), {})
    evaluated = subject.list_evaluated(answers)
    pairs = ((key, _quote_all(evaluated[key]), _quote_all(answers[key])) for key in evaluated if key in answers)
    return [Prediction(*pair) for pair in pairs]


def _quote_all(told: Any) -> Any:
    """Return what a service said with every text in it quoted: names, values and labels."""
    if isinstance(told, dict):
        return {quote_text(name): _quote_all(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_quote_all(value) for value in told]
    return quote_text(told) if isinstance(told, str) else told
