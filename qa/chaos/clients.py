"""Clients that know every answer: a closed loop on kept connections, each answer compared byte for byte."""

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

from qa.bench.cases import Case, make_cases

ROWS = (1, 7, 64, 961)
SILENCE_S = 30.0
HEADERS = {"Content-Type": "application/json"}
MOST_WRONG = 5


@dataclass
class Tally:
    """How requests ended: answered as evaluated, with the latencies in ms; wrongly; or with a closed connection.

    `closed` holds the client's port of each connection that was closed on a request.
    """

    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)

    def p99(self, since: int = 0) -> float:
        """Return the 99th percentile of the latencies from a place on, in ms."""
        return self._quantile(0.99, since)

    def p50(self) -> float:
        """Return the median of the latencies, in ms."""
        return self._quantile(0.5)

    def _quantile(self, share: float, since: int = 0) -> float:
        ordered = sorted(self.latencies[since:])
        return ordered[int(share * len(ordered))]

    def __str__(self) -> str:
        """Return the three counts."""
        return f"{len(self.latencies)} right, {len(self.wrong)} wrong, {len(self.closed)} closed"


class Clients:
    """`count` clients that send requests inside a `with` block."""

    def __init__(self, port: int, count: int, rows: Sequence[int] = ROWS, cases: Sequence[Case] = ()) -> None:
        self.port, self.cases = port, cases or make_cases(rows)
        self.tally = Tally()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(place,)) for place in range(count)]

    def __enter__(self) -> Tally:
        """Start asking; the tally is live."""
        for thread in self._threads:
            thread.start()
        return self.tally

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop after the answers that are under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, place: int) -> None:
        connection = connect(self.port)
        while not self._stop.is_set() and len(self.tally.wrong) < MOST_WRONG:
            ask(connection, self.cases[place % len(self.cases)], self.tally)
            place += 1
        connection.close()


def connect(port: int) -> http.client.HTTPConnection:
    """Return a connection that opens at its first request, and again after it was closed."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=SILENCE_S)


def ask(connection: http.client.HTTPConnection, case: Case, tally: Tally) -> None:
    """Post a case and enter how it ended."""
    started, port = time.perf_counter(), 0
    try:
        if connection.sock is None:
            connection.connect()
        port = connection.sock.getsockname()[1]
        connection.request("POST", "/forecast", case.body, HEADERS)
        response = connection.getresponse()
        answer = response.read()
    except TimeoutError:
        tally.wrong.append(f"no answer within {SILENCE_S:.0f} s")
        connection.close()
    except (OSError, http.client.HTTPException):
        tally.closed.append(port)
        connection.close()
    else:
        if response.status == http.HTTPStatus.OK and answer in (case.answer, *case.also):
            tally.latencies.append(1000.0 * (time.perf_counter() - started))
        else:
            tally.wrong.append(f"{response.status} to {case.rows} rows: {answer[:200]!r}")


def ask_all(port: int, finding_of: str) -> list[str]:
    """Post every case on a fresh connection; return what was not right, each beginning with `finding_of`."""
    tally, cases = Tally(), make_cases(ROWS)
    for case in cases:
        connection = connect(port)
        ask(connection, case, tally)
        connection.close()
    unanswered = len(cases) - len(tally.latencies) - len(tally.wrong)
    return [f"{finding_of}: {fault}" for fault in (*tally.wrong, *["a connection was closed"] * unanswered)]
