"""SIGTERM with requests in flight, and reloading and resizing under load."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial

from qa.bench.cases import Case, make_cases
from qa.chaos.clients import HEADERS, Clients
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import run_service
from qa.servers import Server, wait_until
from qa.service import WORKERS

IN_FLIGHT, MOST_ROWS = 200, 961
N_CLIENTS = 8
MOST_STOP_S = 30.0
STEP_S = 0.5


def stop_in_flight(plan: Plan) -> Finding:
    """Send SIGTERM when 200 requests have been sent whole and before all are answered."""
    finding = Finding("every request on an accepted connection is answered, and the process ends with 0 within 30 s")
    [case] = make_cases([MOST_ROWS])
    with run_service() as server:
        idle = socket.create_connection(("127.0.0.1", server.port))
        connections = [_send(server.port, case) for _ in range(IN_FLIGHT)]
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        answers = [b""] * IN_FLIGHT
        threads = [
            threading.Thread(target=_receive, args=(connection, answers, place))
            for place, connection in enumerate(connections)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        code = server.process.wait(MOST_STOP_S)
        stop_s = time.monotonic() - started
        idle.close()
    right = sum(answer.endswith(b"\r\n\r\n" + case.answer) for answer in answers)
    finding.figures.append(
        f"{right} of {IN_FLIGHT} answered as evaluated; gone after {stop_s:.1f} s with exit code {code}"
    )
    finding.require(right == IN_FLIGHT, f"{IN_FLIGHT - right} were not")
    finding.require(code == 0 and stop_s < MOST_STOP_S, f"ended with {code} after {stop_s:.1f} s")
    return finding


def _send(port: int, case: Case) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=MOST_STOP_S)
    fields = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    head = f"POST /forecast HTTP/1.1\r\nHost: localhost\r\n{fields}Content-Length: {len(case.body)}\r\n\r\n"
    connection.sendall(head.encode() + case.body)
    return connection


def _receive(connection: socket.socket, answers: list[bytes], place: int) -> None:
    try:
        with connection:
            while chunk := connection.recv(2**18):
                answers[place] += chunk
    except OSError as error:
        answers[place] += repr(error).encode()


def reload_under_load(plan: Plan) -> Finding:
    """Send HUP, TTIN and TTOU while clients ask on kept connections."""
    finding = Finding("a reload, a worker more and a worker less fail no request")
    with run_service() as server, Clients(server.port, N_CLIENTS) as tally:
        time.sleep(STEP_S)
        for _ in range(max(1, int(plan.steady_s / 2))):
            _signal(server, signal.SIGHUP, partial(_are_replaced, server, {*server.workers}))
            for sign, count in ((signal.SIGTTIN, WORKERS + 1), (signal.SIGTTOU, WORKERS)):
                _signal(server, sign, partial(_are_many, server, count))
                time.sleep(STEP_S)
    finding.figures.append(str(tally))
    finding.require(not tally.wrong and not tally.closed, f"{tally.wrong[:3]} {len(tally.closed)} closed")
    finding.require(len(tally.latencies) > 10 * N_CLIENTS, "too few requests to say")
    return finding


def _signal(server: Server, sign: signal.Signals, worked: Callable[[], bool]) -> None:
    server.process.send_signal(sign)
    wait_until(worked, f"{sign.name} changed nothing")


def _are_many(server: Server, count: int) -> bool:
    return len(server.workers) == count


def _are_replaced(server: Server, before: set[int]) -> bool:
    now = set(server.workers)
    return len(now) == len(before) and not now & before and all(os.path.exists(f"/proc/{pid}") for pid in now)
