"""Clients that hold connections: silent ones, ones that send a byte a second, ones that stop in their bodies."""

import resource
import socket
import threading
import time
from contextlib import ExitStack, suppress

from qa.bench.cases import Case, make_cases
from qa.chaos.clients import Clients, Tally, connect
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import run_service
from qa.servers import Server

N_CLIENTS = 4
BYTE_EVERY_S = 1.0
HEAD = b"POST /forecast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
HALF = HEAD + b"\r\n{"
STARTS = (HEAD[:1], HALF)
"""In the head and in the body."""

MOST_TIMES_CALM = 3.0
"""On a machine that is busy with something else, a calm service has a p99 beyond the bound as well."""

FEW_FILES = (24, 32, 64)
CROWD = 200


def hold_connections(plan: Plan) -> Finding:
    """Measure others beside silent connections, requests that arrive a byte a second, and halves of bodies."""
    finding = Finding("silent, slow and stalled clients hold up nobody, and slow ones are cut off")
    with run_service() as server, ExitStack() as stack:
        calm = _measure(server, plan)
        _hold_silent(server.port, plan.n_silent, stack)
        for _ in range(plan.n_half):
            _open(server.port, stack).sendall(HALF)
        slow = [_open(server.port, stack) for _ in range(plan.n_slow)]
        for place, connection in enumerate(slow):
            connection.sendall(STARTS[place % 2])
        done, cut_off_s = threading.Event(), [0.0] * plan.n_slow
        dripping = threading.Thread(target=_drip, args=(slow, done, cut_off_s))
        dripping.start()
        held = _measure(server, plan)
        done.wait(plan.cut_off_s)
        done.set()
        dripping.join()
    finding.figures.append(f"{plan.n_silent} silent, {plan.n_slow} slow, {plan.n_half} stalled in their bodies")
    finding.figures += [f"{name}: {tally}, {_describe(tally)}" for name, tally in (("calm", calm), ("held", held))]
    finding.require(not held.wrong and not held.closed and len(held.latencies) > N_CLIENTS, f"others: {held}")
    if plan.most_p99_ms is not None:
        most_ms = max(plan.most_p99_ms, MOST_TIMES_CALM * calm.p99())
        finding.require(held.p99() <= most_ms, f"p99 {held.p99():.0f} ms, more than {most_ms:.0f} ms")
    if plan.cut_off_s:
        cut = sum(seconds > 0.0 for seconds in cut_off_s)
        finding.figures.append(f"{cut} slow clients cut off, the last after {max(cut_off_s):.0f} s")
        finding.require(cut == plan.n_slow, f"{plan.n_slow - cut} slow clients were never cut off")
    return finding


def run_out_of_files(plan: Plan) -> Finding:
    """Connect more clients than there are file descriptors for."""
    finding = Finding("with few file descriptors others are answered, and no worker ends")
    for limit in FEW_FILES[-plan.n_limits :]:
        with run_service(wrap=("/bin/sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh")) as server, ExitStack() as stack:
            before = server.workers
            _hold_silent(server.port, CROWD, stack)
            others = _measure(server, plan)
            finding.figures.append(f"{limit} descriptors, {CROWD} silent clients: others {others}, {_describe(others)}")
            finding.require(not others.wrong and len(others.latencies) > N_CLIENTS, f"{limit}: {others} {others.wrong}")
            finding.require(server.workers == before, f"{limit}: a worker ended")
            finding.require("places are taken" in server.read_log(), f"{limit}: the log does not say why")
    return finding


def _measure(server: Server, plan: Plan) -> Tally:
    with Clients(server.port, N_CLIENTS, rows=[1]) as tally:
        time.sleep(plan.steady_s)
    return tally


def _describe(tally: Tally) -> str:
    if not tally.latencies:
        return "none answered"
    return f"p50 {tally.p50():.1f} ms, p99 {tally.p99():.1f} ms"


def _open(port: int, stack: ExitStack) -> socket.socket:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a client has one for each connection
    return stack.enter_context(socket.create_connection(("127.0.0.1", port)))


def _hold_silent(port: int, count: int, stack: ExitStack) -> None:
    """Keep connections: every tenth after an answer, the others before their first request."""
    [case] = make_cases([1])
    for place in range(count):
        if place % 10:
            _open(port, stack)
        else:
            _hold_kept(port, case, stack)


def _hold_kept(port: int, case: Case, stack: ExitStack) -> None:
    connection = connect(port)
    stack.callback(connection.close)
    connection.request("POST", "/forecast", case.body, {"Content-Type": "application/json"})
    connection.getresponse().read()


def _drip(slow: list[socket.socket], done: threading.Event, cut_off_s: list[float]) -> None:
    """Send one byte on each connection every second, and note when each was closed."""
    started = time.monotonic()
    for connection in slow:
        connection.setblocking(False)
    while not done.wait(BYTE_EVERY_S) and not all(cut_off_s):
        for place, connection in enumerate(slow):
            if not cut_off_s[place]:
                with suppress(BlockingIOError):
                    cut_off_s[place] = _poke(connection) * (time.monotonic() - started)
    done.set()


def _poke(connection: socket.socket) -> bool:
    """Return whether the connection was closed by the other side, or answered; send one more byte where not."""
    try:
        connection.send(b"x")
        connection.recv(2**12)
    except ConnectionError:
        return True
    return True
