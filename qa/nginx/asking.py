"""Requests through a proxy, from any address of loopback."""

import http.client
import json
from collections.abc import Mapping

from lockstep.bundles.reading import load_series
from lockstep.doors.stored import write_frame
from qa.default_bundle import DEFAULT_BUNDLE

N_ROWS = 961
TIMEOUT_S = 30.0
FORECAST = ("POST", "/forecast")


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
