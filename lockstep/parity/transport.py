"""One request and its answer: whole within a deadline and a size, as it was sent, or refused."""

import http.client
import io
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import SKIP_HEADER

from lockstep.parity.address import Address
from lockstep.parity.answers import Reply, UnexpectedAnswer

NO_ANSWER = (requests.RequestException, HTTPError, ValueError)
"""What is raised if an answer does not come, breaks off or cannot be read."""
BLOCK_BYTES = 65_536
PLAIN = "identity"
SKIPPABLE = ("Accept-Encoding", "User-Agent")
"""Headers that urllib3 adds by itself where there is none."""

Headers = Mapping[str, str | None]
"""Headers of one request, such as `User-Agent`; they replace those that the client sends, and None takes one away."""


@dataclass(frozen=True)
class Asked:
    """A request, and how many seconds and bytes its answer may take."""

    method: str
    path: str
    body: bytes | None
    headers: Headers
    timeout_s: float
    max_bytes: int


class Transport:
    """Connections to the service at an address, for one thread.

    Redirects are not followed, cookies are not kept, and nothing is decompressed: the address and the key are for this
    service alone, and a few bytes must not become many.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _DeadlineAdapter())

    def exchange(self, asked: Asked) -> Reply:
        """Return the answer; raise one of `NO_ANSWER`, or `UnexpectedAnswer` for one that is too long or encoded."""
        url, login = self._address.url + asked.path, self._address.login
        headers = {
            name: _write_header(name, value) for name, value in {"Accept-Encoding": PLAIN, **asked.headers}.items()
        }
        request = requests.Request(asked.method, url, headers, data=asked.body, auth=login)
        prepared = self._session.prepare_request(request)
        settings = self._session.merge_environment_settings(url, {}, True, None, None)
        # past Session.send, which reads a redirect's whole body, decompressed, though it does not follow it
        adapter, deadline = self._session.get_adapter(url), Timeout(total=asked.timeout_s)
        response = adapter.send(prepared, timeout=deadline, **settings)  # type: ignore[arg-type] # as requests documents
        try:
            where = f"{asked.method} {url}"
            return Reply(where, response.status_code, response.headers, _read_content(where, response, asked.max_bytes))
        finally:
            response.raw.close()


def _write_header(name: str, value: str | None) -> str | None:
    return SKIP_HEADER if value is None and name in SKIPPABLE else value


def _read_content(where: str, response: requests.Response, max_bytes: int) -> bytes:
    encoding = response.headers.get("Content-Encoding", PLAIN)
    if encoding.lower() != PLAIN:
        raise UnexpectedAnswer(
            f"{where} answered with Content-Encoding {encoding!r}, though none was asked for; take compression out "
            "of what stands in front of the service"
        )
    content = bytearray()
    while block := response.raw.read(BLOCK_BYTES, decode_content=False):
        content += block
        if len(content) > max_bytes:
            raise UnexpectedAnswer(f"{where} answered more than {max_bytes} bytes, longer than any right answer to it")
    return bytes(content)


class _DeadlineReader(io.RawIOBase):
    """The bytes of a socket until its time-out, which counts from now for all reads together."""

    def __init__(self, source: io.RawIOBase, connection: socket.socket) -> None:
        self._source = source
        self._connection = connection
        self._ends = time.monotonic() + (connection.gettimeout() or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0.0:
            raise TimeoutError("the answer did not end in time")
        self._connection.settimeout(left)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """A response whose head and body have to come within the time-out of the connection, not each byte of them."""

    def __init__(self, sock: socket.socket, *rest: Any, **named: Any) -> None:
        super().__init__(sock, *rest, **named)
        self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock))


class _DeadlineConnection(HTTPConnection):
    response_class = _DeadlineResponse


class _DeadlineTLSConnection(HTTPSConnection):
    response_class = _DeadlineResponse


class _DeadlineAdapter(HTTPAdapter):
    """The connections of requests, to a service or a proxy in front of it, with these responses."""

    def get_connection_with_tls_context(self, *rest: Any, **named: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*rest, **named)
        pool.ConnectionCls = _DeadlineTLSConnection if pool.scheme == "https" else _DeadlineConnection
        return pool
