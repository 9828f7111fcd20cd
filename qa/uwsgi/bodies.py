"""Bodies that uWSGI does not hand over whole, and answers that a client could miss."""

import socket

from lockstep.scoring.keys import new_key
from qa.bench.cases import make_cases
from qa.servers import Server
from qa.uwsgi.service import run_uwsgi

TIMEOUT_S = 30.0
SECRET, KEY = new_key("uwsgi")
HEAD = b"POST /forecast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
MAX_BYTES = 4 * 2**20
LARGE = 3 * MAX_BYTES
TRIES = 20
"""A reset overtakes an answer now and then only."""


def refuse_cut_bodies() -> list[str]:
    """Show that no body is read as empty or cut: one without a right length is refused by name."""
    [case] = make_cases([1])
    body, n_bytes = case.body, len(case.body)
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (n_bytes, body)
    asked = {
        "chunks": (b"Transfer-Encoding: chunked\r\n\r\n" + chunk, "length-required"),
        "chunks and a length": (b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + chunk, "length-required"),
        "another transfer coding": (b"Transfer-Encoding: gzip\r\n\r\n" + body, "length-required"),
        "two lengths": (b"Content-Length: 3\r\nContent-Length: %d\r\n\r\n%b" % (n_bytes, body), "bad-request"),
        "a length with a sign": (b"Content-Length: +%d\r\n\r\n%b" % (n_bytes, body), "bad-request"),
        "a length after a tab": (b"Content-Length:\t%d\r\n\r\n%b" % (n_bytes, body), "malformed"),
        "a length beyond 64 bits": (b"Content-Length: %d\r\n\r\n%b" % (2**64 + n_bytes, body), "too-large"),
        "a body that ends early": (b"Content-Length: %d\r\n\r\n%b" % (n_bytes + 1, body), "malformed"),
        "a length with a space": (b"Content-Length: %d \r\n\r\n%b" % (n_bytes, body), "y_pred"),
    }
    broken = []
    with run_uwsgi() as server:
        for what, (rest, expected) in asked.items():
            answer = exchange(server, HEAD + rest)
            if f'"{expected}"'.encode() not in answer:
                broken.append(f"{what}: {answer[-300:]!r} instead of {expected}")
    return broken


def let_answers_through() -> list[str]:
    """Show that the answer to a body that is not read reaches its client, however large the body."""
    asked = {
        "a body that is too large": (b"x-api-key: %b\r\n" % SECRET.encode(), b"413 "),
        "a large body without a key": (b"", b"401 "),
    }
    broken = []
    with run_uwsgi(environ={"LOCKSTEP_API_KEYS": KEY.entry}) as server:
        for what, (header, expected) in asked.items():
            request = b"%b%bContent-Length: %d\r\n\r\n%b" % (HEAD, header, LARGE, b" " * LARGE)
            answers = [exchange(server, request) for _ in range(TRIES)]
            missed = [answer for answer in answers if not answer.startswith(b"HTTP/1.1 " + expected)]
            if missed:
                broken.append(f"{what}: {len(missed)} of {TRIES} answers are not {expected!r}: {missed[0][:100]!r}")
    return broken


PROMISES = (refuse_cut_bodies, let_answers_through)


def exchange(server: Server, request: bytes) -> bytes:
    """Return the whole answer to a request that ends with its bytes; what broke the connection in its place."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", server.port), TIMEOUT_S) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(2**16):
                answer += part
    except OSError as error:
        return repr(error).encode()
    return answer
