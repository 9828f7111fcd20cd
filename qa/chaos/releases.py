"""Two versions behind one address, as during a release."""

import itertools
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from qa.bench.cases import Case, make_cases
from qa.chaos.clients import HEADERS, connect
from qa.chaos.plan import Finding, Plan
from qa.chaos.service import run_service
from qa.servers import ROOT, make_environ

OTHER_ARTEFACT = 3
N_ASKED = 10


def overlap_releases(plan: Plan) -> Finding:
    """Ask two versions in turn behind one address, and have `lockstep parity` judge it."""
    finding = Finding("every answer says which version it is of, and the suite says that there are two")
    [case] = make_cases([1])
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "other"
        train = ("train", "data/MSFT.csv", "--symbol", "MSFT", "--test-rows", "900", "--out", str(other))
        done = _lockstep(*train)
        finding.require(done.returncode == 0, done.stderr)
        with run_service() as old, run_service(other) as new, balance([old.port, new.port]) as port:
            digests = Counter(_ask_digest(port, case) for _ in range(N_ASKED))
            judged = _lockstep("parity", f"http://127.0.0.1:{port}")
    identity = next((line for line in judged.stdout.splitlines() if "identity" in line), judged.stderr)
    finding.figures.append(
        f"{N_ASKED} answers of {len(digests)} versions; parity ends with {judged.returncode}: {identity}"
    )
    finding.require(len(digests) == 2 and "" not in digests, f"digests {dict(digests)}")
    finding.require(judged.returncode == OTHER_ARTEFACT, f"parity ended with {judged.returncode}")
    return finding


def _lockstep(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lockstep", *arguments]
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=make_environ({}), capture_output=True, text=True, timeout=120, check=False
    )


def _ask_digest(port: int, case: Case) -> str:
    connection = connect(port)
    connection.request("POST", "/forecast", case.body, HEADERS)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers.get("X-Model-Digest", "")


@contextmanager
def balance(ports: Sequence[int]) -> Iterator[int]:
    """Lend the port of a balancer that gives each new connection to the next of `ports`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, itertools.cycle(ports)), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, ports: Iterator[int]) -> None:
    with suppress(OSError):  # closed at the end
        while True:
            threading.Thread(target=_relay, args=(listener.accept()[0], next(ports)), daemon=True).start()


def _relay(client: socket.socket, port: int) -> None:
    with client, socket.create_connection(("127.0.0.1", port)) as server, suppress(OSError):
        other = {client: server, server: client}
        while True:
            for source in select.select(list(other), [], [])[0]:
                if not (chunk := source.recv(2**16)):
                    return
                other[source].sendall(chunk)
