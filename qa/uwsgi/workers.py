"""Workers of uWSGI that die, hang, stop or are replaced: who notices."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from prometheus_client.parser import text_string_to_metric_families

from qa.bench.cases import make_cases
from qa.chaos.clients import Clients, Tally
from qa.chaos.service import kill_worker
from qa.servers import Server, wait_until
from qa.service import WORKERS
from qa.uwsgi.bodies import HEAD, TIMEOUT_S
from qa.uwsgi.service import LOADED, run_uwsgi, wait_for_workers

N_CLIENTS = 8
N_KILLS, N_RELOADS = 5, 2
EVERY_S = 1.0
CRASHES, SOON_S = 3, 1.0
"""By default uWSGI waits for 2 s after so many crashes, and a stop within this time never ends."""
REPLACING, REPLACED = "trying respawn", "Respawned uWSGI worker"
"""What its log says; a stop between the two never ends either, but that is a moment."""
HUNG_S = 3
ANSWERED = ("lockstep_requests_total", {"route": "/forecast", "status": "200"})
IN_FLIGHT: tuple[str, dict[str, str]] = ("lockstep_requests_in_flight", {})


def kill_workers() -> list[str]:
    """Show that a killed worker loses the one request that it was answering, and none of its counts."""
    with run_uwsgi() as server, Clients(server.port, N_CLIENTS) as tally:
        silent = 0
        for place in range(N_KILLS):
            answered = len(tally.latencies)
            os.kill(wait_for_workers(server)[place % WORKERS], signal.SIGKILL)
            time.sleep(EVERY_S)
            silent += len(tally.latencies) == answered
        right = len(tally.latencies)
        counted, in_flight = read_count(server, ANSWERED), read_count(server, IN_FLIGHT)
        loaded = server.read_log().count(LOADED)
    broken = _judge(tally, most_closed=N_KILLS)
    if silent or loaded != 1:
        broken.append(f"no answer after {silent} of {N_KILLS} kills; bundles were loaded {loaded} times")
    if not right <= counted <= len(tally.latencies) + N_KILLS or in_flight > WORKERS:
        broken.append(f"{counted:.0f} requests counted, {right} were answered by then; {in_flight:.0f} in flight")
    return broken


def end_hung_workers() -> list[str]:
    """Show that a worker that hangs is replaced, by `harakiri`, and that the others answer meanwhile."""
    with run_uwsgi("--harakiri", str(HUNG_S)) as server:
        with Clients(server.port, N_CLIENTS) as tally, _hold_worker(server) as hung:
            deadline = time.monotonic() + TIMEOUT_S
            while time.monotonic() < deadline and _drip(hung):
                time.sleep(0.2)
        wait_until(lambda: REPLACED in server.read_log(), "no worker took the place of the one that hung")
        in_flight = read_count(server, IN_FLIGHT)
    return _judge(tally, most_closed=0) + [f"{in_flight:.0f} requests in flight where one asks"] * (in_flight != 1)


def end_gracefully() -> list[str]:
    """Show that at SIGTERM a worker answers the request that it has begun, and that uWSGI ends with 0."""
    [case] = make_cases([1])
    with run_uwsgi() as server, _hold_worker(server, case.body[:-9], len(case.body)) as begun:
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1.0)
        begun.sendall(case.body[-9:])
        answer = b""
        while part := begun.recv(2**16):
            answer += part
        code = server.stop()
    broken = [] if answer.endswith(b"\r\n\r\n" + case.answer) else [f"the answer is {answer[-200:]!r}"]
    return broken + [f"uWSGI ended with {code}"] * (code != 0)


def end_after_crashes() -> list[str]:
    """Show that uWSGI ends at SIGTERM even if workers have just crashed, and that workers end with a killed master."""
    with run_uwsgi() as server:
        for _ in range(CRASHES - 1):
            kill_worker(server)
        os.kill(server.workers[-1], signal.SIGKILL)
        wait_until(lambda: server.read_log().count(REPLACING) == CRASHES, "the crash was not noticed")
        time.sleep(SOON_S)
        code = server.stop()
    with run_uwsgi() as server, _hold_worker(server):
        server.process.kill()
        wait_until(partial(_is_deaf, server), "the workers live on")
    return [f"uWSGI ended with {code}"] * (code != 0)


def reload_under_load() -> list[str]:
    """Show that SIGHUP loads the models anew, and that no request fails meanwhile."""
    with run_uwsgi() as server, Clients(server.port, N_CLIENTS) as tally:
        for _ in range(N_RELOADS):
            time.sleep(1.0)
            before = {*wait_for_workers(server)}
            server.process.send_signal(signal.SIGHUP)
            wait_until(partial(_are_replaced, server, before), "SIGHUP changed nothing")
        time.sleep(1.0)
        loaded = server.read_log().count(LOADED)
    return _judge(tally, most_closed=0) + [f"the bundle was loaded {loaded} times"] * (loaded != 1 + N_RELOADS)


PROMISES = (kill_workers, end_hung_workers, end_gracefully, end_after_crashes, reload_under_load)


def read_count(server: Server, of: tuple[str, dict[str, str]]) -> float:
    """Return a number that /metrics shows, 0 if it does not."""
    _, text = server.ask("GET", "/metrics")
    families = text_string_to_metric_families(text.decode())
    found = (sample.value for family in families for sample in family.samples if (sample.name, sample.labels) == of)
    return next(found, 0.0)


def _judge(tally: Tally, most_closed: int) -> list[str]:
    broken = [f"wrong answers: {tally.wrong[:3]}"] if tally.wrong else []
    if len(tally.closed) > most_closed:
        broken.append(f"{len(tally.closed)} requests were lost, at most {most_closed} may be")
    return broken + ["too few requests to say"] * (len(tally.latencies) < 10 * N_CLIENTS)


def _is_deaf(server: Server) -> bool:
    """Return whether nobody listens any more, neither the master nor a worker."""
    try:
        socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S).close()
    except ConnectionRefusedError:
        return True
    return False


def _are_replaced(server: Server, before: set[int]) -> bool:
    return len({*server.workers} - before) == WORKERS


@contextmanager
def _hold_worker(server: Server, part: bytes = b" ", length: int = 9999) -> Iterator[socket.socket]:
    """Lend a connection with a request whose body is not whole, which one of the workers waits for."""
    with socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S) as connection:
        connection.sendall(b"%bContent-Length: %d\r\n\r\n%b" % (HEAD, length, part))
        wait_until(lambda: read_count(server, IN_FLIGHT) >= 2, "no worker took the request")
        yield connection


def _drip(connection: socket.socket) -> bool:
    """Send one byte more; return whether the other side still takes it."""
    with suppress(OSError):
        connection.sendall(b" ")
        return True
    return False
