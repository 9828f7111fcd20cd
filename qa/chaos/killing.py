"""Workers ended by SIGKILL, one after another."""

import os
import re
import signal
import time
from pathlib import Path

from qa.chaos.clients import Clients
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import run_service
from qa.servers import Server, wait_until

N_CLIENTS = 8
EVERY_S = 1.0
SOCKET = re.compile(r"socket:\[(\d+)\]")


def kill_workers(plan: Plan) -> Finding:
    """End one worker a second while clients ask."""
    finding = Finding("only the killed worker's own requests fail, as closed connections, and answers keep coming")
    owned: set[int] = set()
    kills, silent = 0, 0
    with run_service() as server, Clients(server.port, N_CLIENTS) as tally:
        ending = time.monotonic() + plan.kill_s
        while time.monotonic() < ending:
            wait_until(lambda: len(server.workers) == 2, "no worker took the place of the killed one")
            answered = len(tally.latencies)
            owned |= _kill(server.workers[kills % 2], server)
            kills += 1
            time.sleep(EVERY_S)
            silent += len(tally.latencies) == answered
    others = set(tally.closed) - owned
    finding.figures.append(f"{kills} kills: {tally}, the closed ones on the {len(owned)} connections of killed workers")
    finding.require(not tally.wrong, f"wrong answers: {tally.wrong[:3]}")
    finding.require(not others, f"{len(others)} requests failed whose worker lived")
    finding.require(silent == 0, f"no answer in {silent} of {kills} seconds after a kill")
    finding.require(len(tally.latencies) > N_CLIENTS, "too few requests to say")
    return finding


def _kill(worker: int, server: Server) -> set[int]:
    """End a worker; return the client's port of every connection that was its own."""
    os.kill(worker, signal.SIGSTOP)  # so that it accepts none between the look and the end
    inodes = set()
    for entry in Path(f"/proc/{worker}/fd").iterdir():
        if found := SOCKET.fullmatch(str(entry.readlink())):
            inodes.add(found[1])
    ports = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[9] in inodes and int(fields[1].split(":")[1], 16) == server.port:
            ports.add(int(fields[2].split(":")[1], 16))
    os.kill(worker, signal.SIGKILL)
    return ports
