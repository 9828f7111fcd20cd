"""Requests a second on one core, on two, and on as many as there are; a worker for each."""

import os
from collections.abc import Sequence
from dataclasses import replace

from qa.bench.apps import Side
from qa.bench.cases import Case
from qa.bench.load import run_load
from qa.bench.plan import CONNECTIONS, Plan
from qa.bench.serving import place_order, warm_up
from qa.servers import run_server


def list_cores() -> list[int]:
    """Return 1, 2, 4 and so on, and the number of this machine's cores."""
    most = len(os.sched_getaffinity(0))
    return sorted({most, *(2**power for power in range(most.bit_length()) if 2**power <= most)})


def measure_cores(side: Side, cases: Sequence[Case], plan: Plan) -> dict[int, dict[int, float]]:
    """Return requests a second by rows and cores; the load generator may use every core."""
    return {case.rows: {cores: _measure(side, case, plan, cores) for cores in list_cores()} for case in cases}


def _measure(side: Side, case: Case, plan: Plan, cores: int) -> float:
    app = replace(side.app, environ={**side.app.environ, "WEB_CONCURRENCY": str(cores)})
    with run_server(app) as server:
        for pid in server.pids:
            os.sched_setaffinity(pid, sorted(os.sched_getaffinity(0))[:cores])
        pinned = replace(side, app=app)
        warm_up(pinned, server, [case], plan)
        length = side.check_answer(case, server)
        order = place_order(server.port, side.path(case), CONNECTIONS[-1], length, plan)
        return max(run_load(order, case.body).requests_per_s for _ in range(2))
