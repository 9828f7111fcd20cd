"""What two services of one application share, and what each has for itself; two dynos are two such services."""

import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from http import HTTPStatus
from itertools import cycle
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

from lockstep.bundles.reading import load_bundle
from lockstep.bundles.versions import write_aliases
from lockstep.scoring.keys import new_key
from qa.bench.cases import make_cases
from qa.chaos.promoting import make_versions
from qa.redis_server import run_redis
from qa.servers import Server, run_server, wait_until
from qa.service import WORKERS, make_service

SERVICES = 2
LIMIT, MORE = 40, 6
"""The limit, and how many requests beyond it are sent."""
LIMITED = {"LOCKSTEP_RATE_LIMIT": f"{LIMIT}/hour"}
COUNTED = (3, 5)
"""How many requests each service is sent."""
REQUEST_ID = "of-two-services-0123456789"
TIMEOUT_S = 30.0


def count_together() -> list[str]:
    """Show that services and workers with one Redis let one limit through, and go on when it is gone."""
    with run_redis() as redis, run_services(**LIMITED, REDIS_URL=f"redis://127.0.0.1:{redis.port}") as services:
        statuses = [_post(server).status_code for server, _ in zip(cycle(services), range(LIMIT + MORE))]
        redis.stop()
        later = [_post(server).status_code for server in services]
    passed, refused = statuses.count(HTTPStatus.OK), statuses.count(HTTPStatus.TOO_MANY_REQUESTS)
    broken = [] if (passed, refused) == (LIMIT, MORE) else [f"{passed} passed and {refused} were refused"]
    return broken + [f"without Redis: {later}"] * (later != [HTTPStatus.OK] * SERVICES)


def count_apart() -> list[str]:
    """Show that without Redis each worker of each service counts for itself: at most so many times the limit."""
    sent = LIMIT * SERVICES * WORKERS + MORE
    with run_services(**LIMITED) as services:
        statuses = [_post(server).status_code for server, _ in zip(cycle(services), range(sent))]
    passed = statuses.count(HTTPStatus.OK)
    return [] if LIMIT * SERVICES <= passed <= sent - MORE else [f"{passed} of {sent} passed"]


def keep_keys_apart() -> list[str]:
    """Show that each service takes the keys of its own boot, and that the limit of a key is shared through Redis."""
    (old, old_entry), (new, new_entry) = new_key("caller"), new_key("caller-2")
    with ExitStack() as stack:
        redis = stack.enter_context(run_redis())
        shared = {**LIMITED, "REDIS_URL": f"redis://127.0.0.1:{redis.port}"}
        first = stack.enter_context(run_service(LOCKSTEP_API_KEYS=f"{old_entry.entry},{new_entry.entry}", **shared))
        second = stack.enter_context(run_service(LOCKSTEP_API_KEYS=old_entry.entry, **shared))
        seen = [_post(server, {"x-api-key": key}).status_code for key in (old, new) for server in (first, second)]
        counted = [_post(first, {"x-api-key": old}).status_code for _ in range(LIMIT)]
    expected = [HTTPStatus.OK] * 3 + [HTTPStatus.UNAUTHORIZED]
    broken = [] if seen == expected else [f"the old key and the new one at both services: {seen}"]
    passed = counted.count(HTTPStatus.OK)
    return broken + [f"{passed} requests of the old key passed"] * (passed != LIMIT - SERVICES)


def add_counts_up() -> list[str]:
    """Show that /metrics holds the counts of all workers of one service, and none of another."""
    with run_services() as services:
        for server, count in zip(services, COUNTED, strict=True):
            for _ in range(count):
                _post(server)
        shown = [tuple(_read_count(server) for _ in range(2 * WORKERS)) for server in services]
    wanted = [(float(count),) * 2 * WORKERS for count in COUNTED]
    return [] if shown == wanted else [f"{COUNTED} forecasts were asked, /metrics shows {shown}"]


def follow_a_request() -> list[str]:
    """Show that the id that a router gives a request is in its answer, and in the log of one service alone."""
    with run_services() as services:
        answer = _post(services[0], {"X-Request-Id": REQUEST_ID})
        wait_until(lambda: REQUEST_ID in services[0].read_log(), "the line of the request is not in the log")
        lines = [line for server in services for line in server.read_log().splitlines() if REQUEST_ID in line]
    broken = [f"X-Request-Id: {answer.headers['X-Request-Id']}"] * (answer.headers["X-Request-Id"] != REQUEST_ID)
    return broken + [f"{len(lines)} lines: {lines}"] * (len(lines) != 1)


def promote_apart() -> list[str]:
    """Show that a promotion reaches the service that gets SIGHUP, or is set in its aliases, and no other."""
    with tempfile.TemporaryDirectory() as folder:
        model = make_versions(Path(folder) / "msft")
        digests = [load_bundle(model / str(version)).manifest.digest for version in (1, 2)]
        with ExitStack() as stack:
            first, second = (stack.enter_context(run_service(model)) for _ in range(SERVICES))
            third = stack.enter_context(run_service(model, LOCKSTEP_ALIASES="msft@champion=2"))
            write_aliases(model, {"champion": 2})
            before = [_read_digest(server) for server in (first, second, third)]
            first.process.send_signal(signal.SIGHUP)
            wait_until(lambda: _read_digest(first) == digests[1], "SIGHUP changed nothing")
            halfway = [_read_digest(server) for server in (first, second)]
            second.process.send_signal(signal.SIGHUP)
            wait_until(lambda: _read_digest(second) == digests[1], "SIGHUP changed nothing")
    broken = [f"before SIGHUP: {before}"] * (before != [digests[0], digests[0], digests[1]])
    return broken + [f"after SIGHUP to the first: {halfway}"] * (halfway != digests[::-1])


PROMISES = (count_together, count_apart, keep_keys_apart, add_counts_up, follow_a_request, promote_apart)


@contextmanager
def run_service(*paths: Path, **environ: str) -> Iterator[Server]:
    """Run a service inside a `with` block, once every worker has started."""
    with run_server(make_service(*paths, environ=environ)) as server:
        wait_until(lambda: len(server.workers) == WORKERS, f"not {WORKERS} workers")
        yield server


@contextmanager
def run_services(**environ: str) -> Iterator[list[Server]]:
    """Run so many services of the same settings inside a `with` block."""
    with ExitStack() as stack:
        yield [stack.enter_context(run_service(**environ)) for _ in range(SERVICES)]


@cache
def make_body() -> bytes:
    """Return one row for /forecast."""
    [case] = make_cases([1])
    return case.body


def post_row(url: str, headers: Mapping[str, str] | None = None) -> requests.Response:
    """Return the answer of a service to one row."""
    return requests.post(f"{url}/forecast", make_body(), headers=headers, timeout=TIMEOUT_S)


def _post(server: Server, headers: Mapping[str, str] | None = None) -> requests.Response:
    return post_row(server.url, headers)


def _read_digest(server: Server) -> str:
    return _post(server).headers["X-Model-Digest"]


def _read_count(server: Server) -> float:
    """Return how many forecasts were answered with 200, as /metrics shows."""
    text = requests.get(f"{server.url}/metrics", timeout=TIMEOUT_S).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = families["lockstep_requests"].samples
    return sum(each.value for each in samples if each.labels == {"route": "/forecast", "status": "200"})
