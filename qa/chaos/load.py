"""`python -m qa.chaos.load`: full load, every answer checked, and resident memory from its beginning to its end."""

import sys
import time

from qa.bench.footprint import read_pss_mb
from qa.chaos.clients import Clients
from qa.chaos.plan import FULL, Finding, Plan
from qa.chaos.service import run_service
from qa.servers import Server

N_CLIENTS = 8
WARM_UP_SHARE = 0.2
EVERY_S = 0.5


def load_fully(plan: Plan) -> Finding:
    """Keep eight clients asking for 1 to 961 rows; memory is compared after the warm-up and at the end."""
    finding = Finding(f"memory grows by no more than {plan.most_growth:.0%} under full load, and every answer is right")
    samples: list[float] = []
    with run_service() as server, Clients(server.port, N_CLIENTS) as tally:
        time.sleep(WARM_UP_SHARE * plan.load_s)
        started, warm = time.monotonic(), len(tally.latencies)
        while (elapsed := time.monotonic() - started) < (1.0 - WARM_UP_SHARE) * plan.load_s:
            samples.append(_measure(server))
            time.sleep(EVERY_S)
        rate = (len(tally.latencies) - warm) / elapsed
    fifth = max(1, len(samples) // 5)
    first, last = max(samples[:fifth]), max(samples[-fifth:])
    finding.figures.append(f"{tally}; {rate:.0f} requests/s, p99 {tally.p99(warm):.0f} ms, client included")
    finding.figures.append(f"PSS {first:.1f} MB after the warm-up, {last:.1f} MB at the end: {last / first - 1.0:+.1%}")
    finding.require(not tally.wrong and not tally.closed and len(tally.latencies) > N_CLIENTS, str(tally))
    finding.require(last <= first * (1.0 + plan.most_growth), f"memory grew by {last / first - 1.0:.1%}")
    return finding


def _measure(server: Server) -> float:
    return sum(read_pss_mb(pid) for pid in server.pids)


def main() -> int:
    """Run the full load and print it; return 1 where a promise was broken."""
    print(f"{FULL.load_s:.0f} s of load from {N_CLIENTS} clients on 2 workers", flush=True)
    finding = load_fully(FULL)
    print("\n".join([finding.promise, *finding.figures, *(f"BROKEN: {line}" for line in finding.broken)]))
    return 1 if finding.broken else 0


if __name__ == "__main__":
    sys.exit(main())
