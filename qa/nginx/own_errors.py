"""What nginx itself refuses: the same problems as the service's, in the same bytes."""

import http.client
from collections.abc import Iterator

import msgspec

from lockstep.scoring.kinds import (
    BAD_GATEWAY,
    BAD_REQUEST,
    GATEWAY_TIMEOUT,
    HEADERS_TOO_LARGE,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    TOO_LARGE,
    TOO_MANY_REQUESTS,
    URI_TOO_LONG,
    Kind,
)
from lockstep.scoring.problems import MEDIA_TYPE, ProblemAnswer, ProblemBody
from lockstep.scoring.settings import Settings
from lockstep.web.headers import SECURITY_HEADERS
from qa.nginx.asking import TIMEOUT_S, Answer, send
from qa.nginx.examples import Example, read_compose_example, read_machine_example, run_example
from qa.nginx.upstream import SILENT, run_upstream
from qa.servers import Server, find_free_port

MOST = Settings().max_body_bytes
HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
REFUSED: tuple[tuple[str, Kind, bytes], ...] = (
    ("a request line that is none", BAD_REQUEST, b"HELLO\r\n\r\n"),
    ("TLS", BAD_REQUEST, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    ("no host", BAD_REQUEST, b"GET / HTTP/1.1\r\n\r\n"),
    ("HTTP/2.0", BAD_REQUEST, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    ("a length that is none", BAD_REQUEST, HEAD + b"Content-Length: x\r\n\r\n"),
    ("two lengths", BAD_REQUEST, HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    ("a length and chunks", BAD_REQUEST, HEAD + b"Content-Length: 5\r\n" + CHUNKED + b"0\r\n\r\n"),
    ("a chunk of no length", BAD_REQUEST, HEAD + CHUNKED + b"x\r\n"),
    ("a path above the root", BAD_REQUEST, b"GET /../x HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("the page of errors", NOT_FOUND, b"GET /.lockstep/problem HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("TRACE", METHOD_NOT_ALLOWED, b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a body beyond the limit", TOO_LARGE, HEAD + b"Content-Length: %d\r\n\r\n" % (MOST + 1)),
    ("chunks beyond the limit", TOO_LARGE, HEAD + CHUNKED + b"%x\r\nx" % (MOST + 1)),
    ("a long request line", URI_TOO_LONG, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a long header", HEADERS_TOO_LARGE, HEAD + b"X: " + b"a" * 9000 + b"\r\n\r\n"),
    ("another transfer coding", NOT_IMPLEMENTED, HEAD + b"Transfer-Encoding: gzip\r\n\r\n"),
    ("a service that is down", BAD_GATEWAY, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
)
LARGEST = HEAD + b"Content-Length: %d\r\n\r\n" % MOST + bytes(MOST)
FLOOD = 20_000
"""Requests, many more than the burst; an ordinary run is refused after about 4200."""


def refuse_as_the_service_does() -> list[str]:
    """Show that what nginx refuses has the body, the headers and the status of the service's own refusals."""
    broken = []
    for example in (read_compose_example(), read_machine_example()):
        with run_example(example, find_free_port()) as proxy:
            for what, kind, request in REFUSED:
                broken += [f"{example.name}, {what}: {line}" for line in compare(kind, send(proxy.port, request))]
            if (status := send(proxy.port, LARGEST).status) != BAD_GATEWAY.status:
                broken.append(f"{example.name}: the largest body that the service takes is refused with {status}")
            broken += [f"{example.name}, a flood: {line}" for line in _flood(proxy)]
    return broken


def answer_for_a_silent_service() -> list[str]:
    """Show that a service that does not answer, and a disk that is full, are problems too."""
    return [line for example in (read_compose_example(), read_machine_example()) for line in _be_silent(example)]


def compare(kind: Kind, answer: Answer) -> list[str]:
    """Return what of an answer is not as the service would refuse it."""
    if answer.status != kind.status or answer.headers["Content-Type"] != MEDIA_TYPE:
        return [f"{answer.status} {answer.headers['Content-Type']}: {answer.body[:80]!r}"]
    told = msgspec.json.decode(answer.body, type=ProblemBody)
    expected = {**SECURITY_HEADERS, **kind.headers, "X-Request-Id": told.request_id}
    broken = [f"{name}: {answer.headers[name]}" for name, value in expected.items() if answer.headers[name] != value]
    if answer.body != ProblemAnswer(kind, told.detail).encode(told.request_id):
        broken.append(f"another body: {answer.body!r}")
    wanted = {METHOD_NOT_ALLOWED: "Allow", TOO_MANY_REQUESTS: "Retry-After"}.get(kind)
    return broken + ([f"no {wanted}"] if wanted and wanted not in answer.headers else [])


def _be_silent(example: Example) -> Iterator[str]:
    with (
        run_upstream() as service,
        run_example(example, service.server_port, {"proxy_read_timeout 30s": "proxy_read_timeout 1s"}) as proxy,
    ):
        answer = send(proxy.port, b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % SILENT.encode())
        yield from (f"{example.name}, silence: {line}" for line in compare(GATEWAY_TIMEOUT, answer))
        (proxy.log.parent / "body").rmdir()
        yield from (f"{example.name}, no disk: {line}" for line in compare(INTERNAL, send(proxy.port, LARGEST)))


def _flood(proxy: Server) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=TIMEOUT_S)
    for _ in range(FLOOD):
        connection.request("GET", "/health")
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        if answer.status != BAD_GATEWAY.status:
            connection.close()
            return compare(TOO_MANY_REQUESTS, answer)
    connection.close()
    return [f"{FLOOD} requests are let through"]
