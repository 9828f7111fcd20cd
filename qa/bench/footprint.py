"""What a server costs before and beside its requests: launch and memory."""

import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from qa.bench.apps import Side
from qa.bench.cases import Case
from qa.bench.plan import Plan
from qa.bench.serving import warm_up
from qa.servers import App, run_server


@dataclass(frozen=True)
class Memory:
    """The PSS of a master and its workers in 10^6 bytes, and how many strangers map the same libraries.

    Every stranger takes its share of those pages, and so makes the PSS too low.
    """

    pss_mb: float
    strangers: int


def measure_launch(app: App, launches: int) -> float:
    """Return the median seconds from the launch to the first 200 of `/ready`; one launch more fills the caches."""
    seconds = []
    for _ in range(launches + 1):
        with run_server(app) as server:
            seconds.append(server.launch_s)
    return statistics.median(seconds[1:])


def measure_memory(side: Side, cases: Sequence[Case], plan: Plan) -> Memory:
    """Return the memory of a service, warm, while this run has no other server."""
    with run_server(side.app) as server:
        warm_up(side, server, cases, plan)
        pss_mb = sum(read_pss_mb(pid) for pid in server.pids)
        return Memory(pss_mb, _count_strangers(Path(side.app.command[0]).parent.parent.resolve(), server.pids))


def read_pss_mb(pid: int) -> float:
    """Return the PSS of a process in 10^6 bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kibibytes = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kibibytes * 1024 / 1e6


def _count_strangers(environment: Path, pids: Sequence[int]) -> int:
    strangers = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile, or somebody else's
            strangers += int(process.name) not in pids and f" {environment}/" in (process / "maps").read_text()
    return strangers
