"""What Serve's exporters show: the counts of all replicas, and a line for each request."""

import json
import time
import urllib.request
from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

from qa.ray.head import Head
from qa.ray.wire import ask

N_REQUESTS = 40
REQUESTS, PREFIX, ROUTE = "lockstep_requests_total", "ray_", "/openapi.json"
"""A route that nothing else asks for meanwhile."""
SECRETS = ("LOCKSTEP_API_KEYS", "RAY_AUTH_TOKEN")
EXPORT_S, POLL_S = 30.0, 0.5
"""Replicas report their counts every ten seconds."""


def add_up_counts(head: Head) -> list[str]:
    """Show that Ray's port counts the requests of all replicas under the same name, and /metrics those of one."""
    for _ in range(N_REQUESTS):
        ask(head, "GET", ROUTE)
    deadline = time.monotonic() + EXPORT_S
    while sum((counted := count_by_replica(read_metrics(head), PREFIX)).values()) < N_REQUESTS:
        if time.monotonic() > deadline:
            return [f"{counted} of {N_REQUESTS} requests are counted"]
        time.sleep(POLL_S)
    own = count_by_replica(ask(head, "GET", "/metrics").body.decode())
    broken = [] if sum(counted.values()) == N_REQUESTS else [f"{counted} are more than {N_REQUESTS} requests"]
    broken += [] if len(counted) > 1 else [f"one replica answered all: {counted}"]
    return [*broken, *([] if own.items() <= counted.items() and len(own) == 1 else [f"/metrics shows {own}"])]


def count_by_replica(text: str, prefix: str = "") -> Counter[str]:
    """Return how many requests of the route each replica has answered, by Prometheus's text."""
    counted: Counter[str] = Counter()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == f"{prefix}{REQUESTS}" and sample.labels["route"] == ROUTE:
                counted[sample.labels["replica"]] += int(sample.value)
    return counted


def read_metrics(head: Head) -> str:
    """Return what the port that Ray exports to shows."""
    port = head.ports["metrics-export-port"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text: str = answer.read().decode()
    return text


def log_requests_once(head: Head) -> list[str]:
    """Show that the log of a replica has one line of JSON for each request, with the id that the client got."""
    ids = [ask(head, "GET", "/health").header("x-request-id") for _ in range(N_REQUESTS)]
    told = [line for line in read_logs(head).splitlines() if any(each in line for each in ids)]
    counted = Counter(json.loads(line)["request_id"] for line in told)
    return [f"{each} is told of {counted[each]} times" for each in ids if counted[each] != 1]


def hide_secrets(head: Head) -> list[str]:
    """Show that no log of Ray's or Serve's has a secret of the head's environment."""
    read = read_logs(head)
    return [f"{name} is in a log" for name in SECRETS if (value := head.environ.get(name)) and value in read]


def read_logs(head: Head) -> str:
    """Return what all processes of a head have written, whatever wrote it."""
    logs = [path for path in (head.folder / "session_latest" / "logs").rglob("*") if path.is_file()]
    return "\n".join(path.read_text(errors="replace") for path in logs)


PROMISES = (add_up_counts, log_requests_once)
