"""The load generator, a process of its own: a closed loop over keep-alive connections, standard library only.

Its standard input is one line of JSON, an `Order`, and then the body to post; its output is one line of JSON.
"""

import dataclasses
import json
import re
import selectors
import socket
import sys
import time

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END_OF_HEAD = b"\r\n\r\n"
SUCCESS = b"HTTP/1.1 200 "
RECEIVE_BYTES = 2**18
SILENCE_S = 20.0


@dataclasses.dataclass(frozen=True)
class Order:
    """A load: what is posted where, on how many connections, and its end after the requests or the seconds."""

    port: int
    path: str
    answer_bytes: int
    connections: int
    warm_up_requests: int
    max_requests: int
    seconds: float
    headers: dict[str, str] = dataclasses.field(default_factory=lambda: {"Content-Type": "application/json"})


class Connection:
    """One connection, on which the next request follows each answer."""

    def __init__(self, order: Order, body: bytes) -> None:
        headers = {"Host": "localhost", **order.headers, "Content-Length": str(len(body))}
        lines = [f"POST {order.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.request = memoryview("\r\n".join(lines).encode() + body)
        self.answer_bytes = order.answer_bytes
        self.unsent, self.received, self.sent_at = self.request[:0], b"", 0.0
        self.socket = socket.create_connection(("127.0.0.1", order.port), timeout=SILENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def start(self) -> None:
        """Send the next request, as much of it as the kernel takes."""
        self.unsent, self.received, self.sent_at = self.request, b"", time.perf_counter()
        self.send()

    def send(self) -> None:
        """Send more of what is unsent."""
        self.unsent = self.unsent[self.socket.send(self.unsent) :]

    def receive(self) -> bool:
        """Return whether the answer is there as a whole; raise ValueError where it is not what was ordered."""
        chunk = self.socket.recv(RECEIVE_BYTES)
        if not chunk:
            raise ValueError(f"the server closed the connection after {self.received[:200]!r}")
        self.received = self.received + chunk if self.received else chunk
        end = self.received.find(END_OF_HEAD)
        return end >= 0 and self._is_whole(end)

    def _is_whole(self, end: int) -> bool:
        length = CONTENT_LENGTH.search(self.received, 0, end)
        if not self.received.startswith(SUCCESS) or length is None or int(length[1]) != self.answer_bytes:
            raise ValueError(f"expected 200 and {self.answer_bytes} bytes, got {self.received[:600]!r}")
        return len(self.received) == end + len(END_OF_HEAD) + self.answer_bytes


def generate_load(order: Order, body: bytes) -> dict[str, float]:
    """Return requests/s, p50 and p99 of the latency in ms, and this process's CPU time for each answer in µs.

    Only the answers after the warm-up count.
    """
    connections = [Connection(order, body) for _ in range(order.connections)]
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            connection.start()
            selector.register(connection.socket, _events(connection), connection)
        loop(selector, order.warm_up_requests, order.seconds)
        started, cpu_started = time.perf_counter(), time.process_time()
        latencies = loop(selector, order.max_requests, order.seconds)
        elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu_started
        loop(selector, len(connections), SILENCE_S, is_last=True)
    return summarise(latencies, elapsed, cpu)


def loop(selector: selectors.BaseSelector, n_answers: int, seconds: float, is_last: bool = False) -> list[float]:
    """Return the latencies in seconds of the next answers, as many as fit; `is_last` sends no further requests."""
    latencies: list[float] = []
    deadline = time.perf_counter() + seconds
    while len(latencies) < n_answers and time.perf_counter() < deadline:
        for key, ready in selector.select(SILENCE_S) or _fail("no answer"):
            connection: Connection = key.data
            if ready & selectors.EVENT_WRITE:
                connection.send()
            if ready & selectors.EVENT_READ and connection.receive():
                latencies.append(time.perf_counter() - connection.sent_at)
                if not is_last:
                    connection.start()
            if (events := _events(connection)) != key.events:
                selector.modify(connection.socket, events, connection)
    return latencies


def _events(connection: Connection) -> int:
    return selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)


def _fail(reason: str) -> list[tuple[selectors.SelectorKey, int]]:
    raise ValueError(f"{reason} within {SILENCE_S:.0f} s")


def summarise(latencies: list[float], elapsed_s: float, cpu_s: float) -> dict[str, float]:
    """Return what `generate_load` returns."""
    if not latencies:
        raise ValueError("no answer after the warm-up")
    ordered = sorted(latencies)
    p50, p99 = (1000.0 * ordered[int(share * len(ordered))] for share in (0.5, 0.99))
    answers = len(ordered)
    own_us = 1e6 * cpu_s / answers
    return {"requests_per_s": answers / elapsed_s, "p50_ms": p50, "p99_ms": p99, "own_us": own_us, "answers": answers}


if __name__ == "__main__":
    order_line = sys.stdin.buffer.readline()
    print(json.dumps(generate_load(Order(**json.loads(order_line)), sys.stdin.buffer.read())))
