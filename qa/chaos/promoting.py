"""Versions that are promoted and rolled back under load, one of them broken."""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lockstep.bundles.bundle import MODEL_FILE
from lockstep.bundles.versions import write_aliases
from qa.bench.cases import make_cases
from qa.chaos.clients import ROWS, Clients, Tally, ask, connect
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import run_service
from qa.default_bundle import DEFAULT_MODEL
from qa.servers import ROOT, Server, make_environ, wait_until

N_CLIENTS = 8
NOT_RELOADED = "not reloaded, the workers go on with the models that they have"


def promote_under_load(plan: Plan) -> Finding:
    """Promote version 2, then a broken version 3, then version 1 again, each by a reload while clients ask."""
    finding = Finding("a promotion fails no request; a version that must not be served leaves the workers as they are")
    with tempfile.TemporaryDirectory() as folder:
        model = make_versions(Path(folder) / "msft")
        cases = make_cases(ROWS, model / "1", model / "2")
        with run_service(model) as server, Clients(server.port, N_CLIENTS, cases=cases) as tally:
            for version in (2, 1):
                _promote(server, model, version)
                finding.broken += _ask_version(server, model / str(version))
                time.sleep(plan.steady_s / 2)
            before = server.workers
            _promote(server, model, 3, is_broken=True)
            finding.require(server.workers == before, "a worker was replaced by one of a broken version")
            finding.broken += _ask_version(server, model / "1")
            log = server.read_log()
    finding.figures.append(f"versions 2, 1 and a broken 3 promoted: {tally}")
    finding.require(f"{MODEL_FILE} has SHA-256" in log, "the log does not say why the reload was refused")
    finding.require(not tally.wrong and not tally.closed, f"{tally.wrong[:3]} {len(tally.closed)} closed")
    finding.require(len(tally.latencies) > 10 * N_CLIENTS, "too few requests to say")
    return finding


def make_versions(model: Path) -> Path:
    """Return a copy of the default model with a second version of other answers, and a third whose file was changed."""
    shutil.copytree(DEFAULT_MODEL, model)
    train = ("train", "data/MSFT.csv", "--symbol", "MSFT", "--test-rows", "1200", "--out", str(model))
    command = [sys.executable, "-m", "lockstep", *train]
    subprocess.run(command, cwd=ROOT, env=make_environ({}), capture_output=True, check=True)  # noqa: S603 - our own
    shutil.copytree(model / "2", model / "3")
    (model / "3" / MODEL_FILE).write_bytes(b"another model")
    return model


def _promote(server: Server, model: Path, version: int, is_broken: bool = False) -> None:
    """Let the alias name a version and send HUP; return when the workers are replaced, or the log says why not."""
    before = {*server.workers}
    write_aliases(model, {"champion": version})
    server.process.send_signal(signal.SIGHUP)
    if is_broken:
        wait_until(lambda: NOT_RELOADED in server.read_log(), "the log says nothing of a reload that is refused")
    else:
        wait_until(lambda: len(server.workers) == len(before) and not before & {*server.workers}, "no new workers")


def _ask_version(server: Server, bundle: Path) -> list[str]:
    """Return what is not answered as the one bundle was evaluated, on a connection of its own."""
    tally = Tally()
    for case in make_cases(ROWS, bundle):
        connection = connect(server.port)
        ask(connection, case, tally)
        connection.close()
    return [f"after {bundle.name} was promoted: {fault}" for fault in tally.wrong]
