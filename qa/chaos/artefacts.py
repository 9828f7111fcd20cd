"""Bundles that are damaged on disk while they are served."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lockstep.bundles.bundle import MODEL_FILE, SCALER_FILE
from lockstep.bundles.series import BARS_FILE
from qa.chaos.clients import Clients, ask_all
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import kill_worker, run_service, try_start
from qa.default_bundle import DEFAULT_BUNDLE

N_CLIENTS = 2


def _replace(bundle: Path) -> None:
    shutil.copy(bundle / SCALER_FILE, bundle / MODEL_FILE)


def _truncate(bundle: Path) -> None:
    content = (bundle / BARS_FILE).read_bytes()
    (bundle / BARS_FILE).write_bytes(content[: len(content) // 2])


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "replaced": (_replace, f"{MODEL_FILE} has SHA-256"),
    "truncated": (_truncate, f"{BARS_FILE} has SHA-256"),
    "removed": (shutil.rmtree, "no model in"),
}
"""What is done to the bundle, and the reason that a new process has to give."""


def damage_artefacts(plan: Plan) -> Finding:
    """Replace, truncate and remove the served bundle while clients ask and workers are forked anew."""
    finding = Finding("the process keeps the bundle that it loaded, new workers too; a new process says why it ends")
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "msft" / "1"
        shutil.copytree(DEFAULT_BUNDLE, bundle)
        with run_service(bundle) as server:
            for name, (damage, reason) in DAMAGES.items():
                shutil.copytree(DEFAULT_BUNDLE, bundle, dirs_exist_ok=True)
                with Clients(server.port, N_CLIENTS) as tally:
                    damage(bundle)
                    for _ in range(2):  # until no worker is older than the damage
                        kill_worker(server)
                        time.sleep(plan.steady_s / 2)
                finding.broken += ask_all(server.port, name)
                said = try_start({"LOCKSTEP_MODELS": str(bundle)})
                finding.figures.append(f"{name}: {tally}; a new process: {said.replace(folder, '…') or 'serves'}")
                finding.require(not tally.wrong and bool(tally.latencies), f"{name}: {tally}")
                finding.require(reason in said, f"{name}: a new process does not say {reason!r}")
    return finding
