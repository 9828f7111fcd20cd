"""What intervals cost a forecast: the same rows posted to `/v1/forecast` with the default level and with none."""

import json
import statistics
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPConnection

from lockstep.bundles.reading import load_series
from lockstep.parity.bodies import split_frame
from qa.bench.apps import Side
from qa.default_bundle import DEFAULT_BUNDLE
from qa.errors import RunFailed
from qa.servers import run_server

PATH, HEADERS = "/v1/forecast", {"Content-Type": "application/json"}
BARE, DEFAULT = "[]", "[80]"
CALLS_PER_ROW_CALL = 4
"""A request of one row is timed this many times as often as one of many."""

Times = dict[int, dict[str, float]]
"""Milliseconds by rows and levels."""


def time_levels(side: Side, rows: Sequence[int], calls: int) -> Times:
    """Return the median ms of a request on one connection; the levels take turns, request by request."""
    bars = load_series(DEFAULT_BUNDLE).bars
    frames = {count: split_frame(bars.select(slice(-count, None))) for count in rows}
    bodies = {
        count: {
            name: json.dumps({"dataframe_split": frame, "level": json.loads(name)}).encode() for name in (BARE, DEFAULT)
        }
        for count, frame in frames.items()
    }
    with run_server(side.app) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        return {
            count: _time(connection, bodies[count], calls if count == 1 else calls // CALLS_PER_ROW_CALL)
            for count in rows
        }


def _time(connection: HTTPConnection, bodies: dict[str, bytes], calls: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in bodies}
    for _ in range(calls):
        for name, body in bodies.items():
            started = time.perf_counter()
            connection.request("POST", PATH, body, HEADERS)
            answer = connection.getresponse()
            text = answer.read()
            times[name].append(1000.0 * (time.perf_counter() - started))
            if answer.status != HTTPStatus.OK or (b"lo-80" in text) == (name == BARE):
                raise RunFailed(f"{PATH} with the levels {name} answered {answer.status}", text.decode())
    return {name: statistics.median(measured) for name, measured in times.items()}
