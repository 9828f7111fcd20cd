"""Seconds of a core that a request takes, read from the kernel's account of the service's processes."""

import os
from collections.abc import Sequence
from pathlib import Path

from qa.bench.apps import Side
from qa.bench.cases import Case
from qa.bench.load import run_load
from qa.bench.plan import CONNECTIONS, Plan
from qa.bench.serving import place_order, warm_up
from qa.servers import Server, run_server

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
USER_TIME, SYSTEM_TIME = 11, 12
"""Places in /proc/PID/stat, counted from the state behind the name of the program."""


def measure_request_seconds(side: Side, cases: Sequence[Case], plan: Plan) -> dict[int, list[float]]:
    """Return by rows, and in each round, the seconds of a core that one request takes; the cases take turns.

    It is time at work, not time that passes: what else the machine does lengthens it only by what it evicts from
    caches.
    """
    measured: dict[int, list[float]] = {case.rows: [] for case in cases}
    with run_server(side.app) as server:
        warm_up(side, server, cases, plan)
        for _ in range(plan.rounds):
            for case in cases:
                measured[case.rows].append(_measure(side, case, server, plan))
    return measured


def _measure(side: Side, case: Case, server: Server, plan: Plan) -> float:
    length = side.check_answer(case, server)
    order = place_order(server.port, side.path(case), CONNECTIONS[-1], length, plan)
    before = read_busy_s(server.pids)
    sample = run_load(order, case.body)
    # the load generator does not count the answers of its warm-up, nor the last one of each connection
    answers = sample.answers + order.warm_up_requests + order.connections
    return (read_busy_s(server.pids) - before) / answers


def read_busy_s(pids: Sequence[int]) -> float:
    """Return the seconds that the processes have been at work so far, in their own code and in the kernel."""
    return sum(_read_ticks(pid) for pid in pids) / TICKS_PER_S


def _read_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[USER_TIME]) + int(fields[SYSTEM_TIME])
