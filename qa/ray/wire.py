"""What Serve hands to the app and to the client, byte by byte."""

import json
import socket
import threading
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus

from qa.bench.cases import make_cases
from qa.ray.head import Head
from qa.servers import TIMEOUT_S
from tests.bad_requests import DEFAULT_MAX_BYTES, bad_requests

ONCE = ("x-request-id", "x-model-digest", "x-model-version", "content-type", "content-length")
ASKED = (
    ("GET", "/ready"),
    ("HEAD", "/ready"),
    ("OPTIONS", "/v1/forecast"),
    ("GET", "/v1/forecast"),
    ("GET", "/nowhere"),
)
LONG_ID, SHORT_ID = "0123456789abcdef0123", "short"
FORECAST = "POST /v1/forecast HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
PATIENCE_S = 5.0
"""Below the 20 s that a body may take to arrive, far above what an answer takes."""


@dataclass(frozen=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first value of a header, empty if there is none."""
        return next((value for each, value in self.headers if each == name), "")

    @property
    def code(self) -> object:
        """Return the code of a problem, None for any other answer."""
        try:
            return json.loads(self.body).get("code")
        except (ValueError, AttributeError):
            return None


def exchange(head: Head, request: bytes, timeout_s: float = TIMEOUT_S) -> Answer:
    """Return the answer to the bytes of a request. The client does not end its side: uvicorn would drop the answer."""
    with socket.create_connection(("127.0.0.1", head.http_port), timeout=timeout_s) as connection:
        connection.sendall(request)
        return read_answer(connection)


def read_answer(connection: socket.socket) -> Answer:
    """Return what a connection answers until it is closed."""
    received = connection.makefile("rb").read()
    start, _, body = received.partition(b"\r\n\r\n")
    status, *lines = start.decode("latin-1").split("\r\n")
    headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
    return Answer(int(status.split()[1]), headers, body)


def ask(head: Head, method: str, path: str, *headers: str) -> Answer:
    """Return the answer to a request without a body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
    return exchange(head, "\r\n".join(lines).encode())


def write_headers_once(head: Head) -> list[str]:
    """Show that request id, digest and version are in every answer once, whatever its status."""
    broken = []
    for method, path in ASKED:
        answer = ask(head, method, path)
        counted = Counter(name for name, _ in answer.headers)
        broken += [f"{method} {path}: {name} {counted[name]} times" for name in ONCE if counted[name] != 1]
    return broken


def keep_request_ids(head: Head) -> list[str]:
    """Show that a well-formed request id comes back, and any other is replaced, in the header and the body alike."""
    broken = []
    for sent in (LONG_ID, SHORT_ID):
        answer = ask(head, "GET", "/nowhere", f"X-Request-Id: {sent}")
        told, shown = json.loads(answer.body)["request_id"], answer.header("x-request-id")
        if told != shown or (shown == sent) != (sent == LONG_ID):
            broken.append(f"{sent} is answered with {shown} in the header and {told} in the body")
    return broken


def read_chunks(head: Head) -> list[str]:
    """Show that a body in chunks is read to its end."""
    [case] = make_cases([1])
    half = len(case.body) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (case.body[:half], case.body[half:]))
    answer = exchange(head, f"{FORECAST}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n")
    whole = exchange(head, f"{FORECAST}Content-Length: {len(case.body)}\r\n\r\n".encode() + case.body)
    same = [json.loads(each.body).get("forecast") for each in (answer, whole)]
    return [] if same[0] and same[0] == same[1] else [f"{answer.status} {answer.body[:300]!r}"]


def refuse_bad_requests(head: Head) -> list[str]:
    """Show that every kind of bad input gets the answer that it gets under gunicorn."""
    broken = []
    for each in bad_requests():
        for path in each.paths if not each.raw else ():
            answer = exchange(head, each.encode(path))
            if answer.code != each.code and answer.status != HTTPStatus.REQUEST_TIMEOUT:
                broken.append(f"{each.what} at {path}: {answer.status} {answer.body[:200]!r} instead of {each.code}")
    return broken


def refuse_large_bodies(head: Head) -> list[str]:
    """Show that a body that is declared too large is refused before it is sent, and one in chunks once it is."""
    declared = exchange(head, f"{FORECAST}Content-Length: {DEFAULT_MAX_BYTES + 1}\r\n\r\n".encode(), PATIENCE_S)
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    chunks = f"{FORECAST}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 65
    endless = exchange(head, chunks, PATIENCE_S)  # its end is never sent
    return [f"{each.status} {each.body[:200]!r}" for each in (declared, endless) if each.code != "too-large"]


def wait_for_slow_bodies(head: Head) -> list[str]:
    """Show that clients that send slowly hold up nobody."""
    slow = []
    for _ in range(20):
        connection = socket.create_connection(("127.0.0.1", head.http_port), timeout=TIMEOUT_S)
        connection.sendall(f"{FORECAST}Content-Length: 100\r\n\r\n{{".encode())
        slow.append(connection)
    try:
        answered: list[Answer] = []
        asking = threading.Thread(target=lambda: answered.append(ask(head, "GET", "/ready")))
        asking.start()
        asking.join(PATIENCE_S)
        return [] if answered and answered[0].status == HTTPStatus.OK else ["/ready waits for slow clients"]
    finally:
        for connection in slow:
            connection.close()


PROMISES = (
    write_headers_once,
    keep_request_ids,
    read_chunks,
    refuse_bad_requests,
    refuse_large_bodies,
    wait_for_slow_bodies,
)
