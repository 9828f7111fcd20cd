"""The parity suite against replicas of Serve."""

from pathlib import Path

from lockstep.bundles.reading import load_bundle
from lockstep.parity.client import ServiceClient
from lockstep.parity.subjects import make_subject
from lockstep.parity.suite import Verdict, run_checks
from qa.ray.head import Head

SEED = 1


def prove_bundle(head: Head, folder: Path, key: str | None = None) -> list[str]:
    """Return which checks of the whole suite a bundle fails on a head, with what each found."""
    bundle = load_bundle(folder)
    report = run_checks(make_subject(ServiceClient(head.url, key, bundle.manifest.name), bundle, SEED))
    wrong = [result for result in report.results if result.verdict is not Verdict.PARITY]
    faults = [f"{each.check.name}: {next(iter(each.comparison.findings), each.shortfall)}" for each in wrong]
    return [*faults, report.shortfall] if report.shortfall else faults
