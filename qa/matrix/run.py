"""Run one cell: prove its environment, verify the bundle there, serve there, and compare."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lockstep.bundles.series import SeriesBundle
from lockstep.errors import LockstepError
from lockstep.parity.client import ServiceClient
from lockstep.parity.series import SeriesSubject
from lockstep.parity.suite import Report, Verdict, run_checks
from qa.default_bundle import DEFAULT_BUNDLE
from qa.errors import RunFailed
from qa.matrix.cells import Cell
from qa.matrix.probe import Facts, NotInForce, ask_facts
from qa.servers import ROOT, Server, make_environ, run_server
from qa.service import make_service

SEED = 1
VERIFY_TIMEOUT_S = 120.0
NOT_RUN, FAILED, EQUAL = "NOT RUN", "FAILED", "equal"


@dataclass(frozen=True)
class Outcome:
    """The result of a cell: the environment that was in force, how much was compared, and the verdict with its reason.

    `workers` is how many were seen at work.
    """

    cell: Cell
    verdict: str
    seconds: float
    facts: Facts | None = None
    workers: int = 0
    compared: int = 0
    reason: str = ""


def run_cell(cell: Cell, bundle: SeriesBundle) -> Outcome:
    """Return the cell's outcome; NOT RUN only where its environment could not be had or proven."""
    started, facts = time.monotonic(), None
    try:
        facts = ask_facts(cell.python, make_environ(cell.environ))
        cell.check(facts)
        _verify(cell)
        report, workers = _compare(cell, bundle, facts)
    except NotInForce as error:
        return Outcome(cell, NOT_RUN, time.monotonic() - started, facts, reason=str(error))
    except (RunFailed, LockstepError, subprocess.TimeoutExpired) as error:
        lines = str(error).splitlines()
        reason = ": ".join(dict.fromkeys([lines[0], lines[-1]]))
        return Outcome(cell, FAILED, time.monotonic() - started, facts, reason=reason)
    compared = sum(result.comparison.compared for result in report.results)
    verdict = EQUAL if report.verdict is Verdict.PARITY else report.verdict.name
    return Outcome(cell, verdict, time.monotonic() - started, facts, workers, compared, _describe_fault(report))


def _verify(cell: Cell) -> None:
    command = [str(cell.python), "-m", "lockstep", "verify", str(DEFAULT_BUNDLE)]
    environ = make_environ(cell.environ)
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=VERIFY_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise RunFailed(f"lockstep verify: {done.stderr.strip() or done.returncode}")


def _compare(cell: Cell, bundle: SeriesBundle, facts: Facts) -> tuple[Report, int]:
    with run_server(make_service(python=cell.python, environ=cell.environ)) as server:
        client = ServiceClient(server.url)
        told = client.get_version().libraries.get("python")
        if told != facts.python:
            raise RunFailed(f"/version tells of Python {told}, not of {facts.python}")
        report = run_checks(SeriesSubject(client, bundle, SEED))
        return report, _check_processes(cell, server)


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
