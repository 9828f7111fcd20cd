"""Requests through a proxy, from any address of loopback."""

import http.client
import json
import socket
from collections.abc import Mapping
from email.message import Message
from typing import NamedTuple

from lockstep.bundles.reading import load_series
from lockstep.doors.stored import write_frame
from qa.default_bundle import DEFAULT_BUNDLE

N_ROWS = 961
TIMEOUT_S = 30.0
FORECAST = ("POST", "/forecast")


class Answer(NamedTuple):
    """An answer as it arrived."""

    status: int
    headers: Message
    body: bytes


def write_body() -> bytes:
    """Return every evaluated row of the default bundle, as a client posts them."""
    bars = load_series(DEFAULT_BUNDLE).bars
    return json.dumps(write_frame(bars.select(slice(-N_ROWS, None)))).encode()


def ask(
    port: int,
    route: tuple[str, str],
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    sender: str = "127.0.0.1",
) -> tuple[int, bytes]:
    """Return the status and the body of the answer."""
    method, path = route
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S, source_address=(sender, 0))
    try:
        connection.request(method, path, body or None, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def send(port: int, request: bytes, sender: str = "127.0.0.1") -> Answer:
    """Return the answer to a request that is sent as it is, of status 0 if the connection ends without one."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S, (sender, 0)) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        try:
            response.begin()
        except ConnectionError as error:
            return Answer(0, Message(), str(error).encode())
        return Answer(response.status, response.headers, response.read())
