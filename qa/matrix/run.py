"""Run one cell: prove its environment, verify the bundles there, serve them there, and compare each."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from lockstep.bundles.bundle import Bundle
from lockstep.bundles.reading import load_bundle
from lockstep.errors import LockstepError
from lockstep.parity.client import ServiceClient
from lockstep.parity.subjects import list_checks, make_subject
from lockstep.parity.suite import Report, Verdict, run_checks
from qa.default_bundle import DEFAULT_BUNDLE
from qa.errors import RunFailed
from qa.matrix.cells import Cell
from qa.matrix.probe import Facts, NotInForce, ask_facts
from qa.ray.service import DEPLOYMENT, make_application, read_applications, run_ray
from qa.servers import ROOT, Server, make_environ, run_server
from qa.service import make_service

SEED = 1
VERIFY_TIMEOUT_S = 120.0
AT_ONCE = 2
"""While one cell's service computes, what compares its answers waits, and the other way round."""

NOT_RUN, FAILED, EQUAL = "NOT RUN", "FAILED", "equal"
OF_FAMILIES = ("batch", "chunks", "sensitive", "frames", "identity")
"""The checks of each family: evaluated, cut and changed rows, and of a panel rows of many series.

The default bundle has all, new rows among them.
"""

Bundles = Mapping[Path, Bundle]
"""The bundles that every cell serves, by folder."""


@dataclass(frozen=True)
class Outcome:
    """The result of a cell: the environment that was in force, how much was compared, and the verdict with its reason.

    `workers` is how many were seen at work; `families` the verdict on each bundle, by its name.
    """

    cell: Cell
    verdict: str
    seconds: float
    facts: Facts | None = None
    workers: int = 0
    compared: int = 0
    reason: str = ""
    families: Mapping[str, str] = field(default_factory=dict)


_loaded: dict[Path, Bundle] = {}
"""The bundles of a process of the pool, which loads them once."""


def run_cells(cells: Sequence[Cell], folders: Sequence[Path]) -> Iterator[Outcome]:
    """Yield the outcome of each cell, in their order; two cells run at once, each in a process of its own."""
    # spawned, because a fork inherits locks of OpenMP's threads, but not the threads
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn"), _load_bundles, (folders,)) as pool:
        yield from pool.map(_run_loaded, cells)


def _load_bundles(folders: Sequence[Path]) -> None:
    _loaded.update((folder, load_bundle(folder)) for folder in folders)


def _run_loaded(cell: Cell) -> Outcome:
    return run_cell(cell, _loaded)


def run_cell(cell: Cell, bundles: Bundles) -> Outcome:
    """Return the cell's outcome; NOT RUN only where its environment could not be had or proven."""
    started, facts = time.monotonic(), None
    try:
        facts = ask_facts(cell.python, make_environ(cell.environ))
        cell.check(facts)
        _verify(cell, list(bundles))
        compare = _compare_on_ray if cell.is_on_ray else _compare
        reports, workers = compare(cell, bundles, facts)
    except NotInForce as error:
        return Outcome(cell, NOT_RUN, time.monotonic() - started, facts, reason=str(error))
    except (RunFailed, LockstepError, subprocess.TimeoutExpired) as error:
        lines = str(error).splitlines()
        reason = ": ".join(dict.fromkeys([lines[0], lines[-1]]))
        return Outcome(cell, FAILED, time.monotonic() - started, facts, reason=reason)
    compared = sum(result.comparison.compared for report in reports.values() for result in report.results)
    families = {name: _judge(report) for name, report in reports.items()}
    wrong = {name: verdict for name, verdict in families.items() if verdict != EQUAL}
    verdict = next(iter(wrong.values()), EQUAL)
    reason = "; ".join(f"{name}: {_describe_fault(reports[name])}" for name in wrong)
    return Outcome(cell, verdict, time.monotonic() - started, facts, workers, compared, reason, families)


def _judge(report: Report) -> str:
    return EQUAL if report.verdict is Verdict.PARITY else report.verdict.name


def _verify(cell: Cell, folders: Sequence[Path]) -> None:
    command = [str(cell.python), "-m", "lockstep", "verify", *map(str, folders)]
    environ = make_environ(cell.environ)
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=VERIFY_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise RunFailed(f"lockstep verify: {done.stderr.strip() or done.returncode}")


def _compare(cell: Cell, bundles: Bundles, facts: Facts) -> tuple[dict[str, Report], int]:
    with run_server(make_service(*bundles, python=cell.python, environ=cell.environ)) as server:
        return _prove_all(server.url, bundles, facts), _check_processes(cell, server)


def _compare_on_ray(cell: Cell, bundles: Bundles, facts: Facts) -> tuple[dict[str, Report], int]:
    environ = {"LOCKSTEP_MODELS": os.pathsep.join(map(str, bundles)), **cell.environ}
    with run_ray(make_application(replicas=cell.workers, environ=environ)) as head:
        reports = _prove_all(head.url, bundles, facts)
        [application] = read_applications(head).values()
        return reports, len(application["deployments"][DEPLOYMENT]["replicas"])


def _prove_all(url: str, bundles: Bundles, facts: Facts) -> dict[str, Report]:
    """Return what the suite says of each bundle; raise `RunFailed` where another Python answers."""
    told = ServiceClient(url).get_version().libraries.get("python")
    if told != facts.python:
        raise RunFailed(f"/version tells of Python {told}, not of {facts.python}")
    return {
        bundle.manifest.name: _prove(url, bundle, all_checks=folder == DEFAULT_BUNDLE)
        for folder, bundle in bundles.items()
    }


def _prove(url: str, bundle: Bundle, *, all_checks: bool) -> Report:
    checks = [check for check in list_checks(bundle) if all_checks or check.name in OF_FAMILIES]
    return run_checks(make_subject(ServiceClient(url, None, bundle.manifest.name), bundle, SEED), checks=checks)


def _check_processes(cell: Cell, server: Server) -> int:
    """Return how many workers serve; raise `RunFailed` where it is another number, or one lacks the environment."""
    for pid in server.pids:
        environ = Path(f"/proc/{pid}/environ").read_text().split("\0")
        if missing := {f"{name}={value}" for name, value in cell.environ.items()} - set(environ):
            raise RunFailed(f"process {pid} serves without {', '.join(missing)}")
    workers = len(server.workers)
    if workers != cell.workers:
        raise RunFailed(f"{workers} workers serve, expected {cell.workers}")
    return workers


def _describe_fault(report: Report) -> str:
    for result in report.results:
        if result.verdict is not Verdict.PARITY:
            return f"{result.check.name}: {next(iter(result.comparison.findings), result.shortfall)}"
    return report.shortfall
