"""Clients that hold connections: idle ones, and ones that send a byte a second."""

import socket
import threading
import time
from contextlib import ExitStack, suppress

from qa.bench.cases import Case, make_cases
from qa.chaos.clients import Clients, connect
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import run_service

N_IDLE, N_SLOW, N_CLIENTS = 200, 50, 4
BYTE_EVERY_S = 1.0
HEAD = b"POST /forecast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
STARTS = (HEAD[:1], HEAD + b"\r\n{")
"""In the head and in the body."""

CUT_OFF_S = 25.0


def hold_connections(plan: Plan) -> Finding:
    """Measure others while 200 kept connections are idle and 50 requests arrive a byte a second."""
    finding = Finding("idle and slow clients do not keep others from being answered, and slow ones are cut off")
    [case] = make_cases([1])
    with run_service() as server, ExitStack() as stack:
        with Clients(server.port, N_CLIENTS, rows=[1]) as calm:
            time.sleep(plan.steady_s)
        for place in range(N_IDLE):
            _hold_idle(server.port, stack, case if place % 2 else None)
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(N_SLOW)]
        for place, connection in enumerate(slow):
            connection.sendall(STARTS[place % 2])
        done, cut_off_s = threading.Event(), [0.0] * N_SLOW
        dripping = threading.Thread(target=_drip, args=(slow, done, cut_off_s))
        dripping.start()
        time.sleep(BYTE_EVERY_S)
        with Clients(server.port, N_CLIENTS, rows=[1]) as held:
            time.sleep(plan.steady_s)
        done.wait(CUT_OFF_S)
        done.set()
        dripping.join()
    ratio = held.p99() / calm.p99() if held.latencies else float("inf")
    finding.figures.append(
        f"calm: {calm}, p99 {calm.p99():.1f} ms; held: {held}, p99 {held.p99():.1f} ms, {ratio:.1f} times"
    )
    cut = sum(seconds > 0.0 for seconds in cut_off_s)
    finding.figures.append(f"{cut} of {N_SLOW} slow clients cut off, the last after {max(cut_off_s):.0f} s")
    finding.require(not held.wrong and not held.closed and len(held.latencies) > N_CLIENTS, f"others: {held}")
    finding.require(cut == N_SLOW, f"{N_SLOW - cut} slow clients were never cut off")
    if plan.most_times_p99 is not None:
        finding.require(ratio <= plan.most_times_p99, f"p99 is {ratio:.1f} times that of a calm service")
    return finding


def _hold_idle(port: int, stack: ExitStack, case: Case | None) -> None:
    """Keep a connection: after an answer, or before its first request."""
    connection = connect(port)
    stack.callback(connection.close)
    connection.connect()
    if case is not None:
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
