"""Clocks, locales, time zones and hash seeds that a machine may have."""

import tempfile
from pathlib import Path

from qa.chaos.clients import ask_all
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import run_service
from qa.servers import ROOT

JUMPING_CLOCK = """
import time
real = time.time
time.time = lambda: real() + (int(real() * 10) % 3 - 1) * 3e8
"""
CONDITIONS = {
    "Turkish locale": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
    "C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "Kiritimati": {"TZ": "Pacific/Kiritimati"},
    "hash seed 0": {"PYTHONHASHSEED": "0"},
    "hash seed 4294967295": {"PYTHONHASHSEED": "4294967295"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
}


def change_conditions(plan: Plan) -> Finding:
    """Serve under each condition, and with a wall clock that jumps nine years to and fro ten times a second."""
    finding = Finding("a service started in any of these gives the same bits")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(JUMPING_CLOCK)
        for name, environ in {**CONDITIONS, "jumping clock": {"PYTHONPATH": f"{folder}:{ROOT}"}}.items():
            with run_service(environ=environ) as server:
                finding.broken += ask_all(server.port, name)
            finding.figures.append(name)
    finding.figures = [", ".join(finding.figures)]
    return finding
