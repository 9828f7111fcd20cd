"""What an operator can rely on: the doors of a head, keys, addresses, replicas that are replaced."""

import time
import urllib.error
import urllib.request
from http import HTTPStatus

from lockstep.scoring.keys import new_key
from qa.errors import RunFailed
from qa.ray.head import APPLICATIONS, Head
from qa.ray.service import deploy, make_application
from qa.ray.wire import ask, exchange
from qa.servers import TIMEOUT_S

JOBS = "/api/jobs/"
FAILING, BREAK = "qa.ray.failing:app", "/break"
REPLACED_S, POLL_S = 60.0, 0.2
OPEN = "0.0.0.0"  # noqa: S104 -- it must not be bound


def close_doors(head: Head) -> list[str]:
    """Show that a head with a token answers nobody who has none: neither its config nor its jobs."""
    return [
        f"{path} is open" for path in (APPLICATIONS, JOBS) if _ask_without_token(head, path) != HTTPStatus.UNAUTHORIZED
    ]


def replace_unready(head: Head) -> list[str]:
    """Show that a replica that is not ready is replaced, and that the next one answers."""
    deploy(head, [make_application(replicas=1, import_path=FAILING, health_check_period_s=1)])
    before = ask(head, "GET", "/metrics").body.partition(b'replica="')[2][:8]
    ask(head, "POST", BREAK, "Content-Length: 0")
    deadline = time.monotonic() + REPLACED_S
    while time.monotonic() < deadline:
        answer = ask(head, "GET", "/metrics")
        if answer.status == HTTPStatus.OK and before not in answer.body:
            return []
        time.sleep(POLL_S)
    return [f"the replica {before!r} still answers after {REPLACED_S:.0f} s"]


def refuse_open_address(head: Head) -> list[str]:
    """Show that no replica starts behind an open address without keys, and that the reason is told."""
    shut_down(head)
    try:
        deploy(head, [make_application(replicas=1)], OPEN)
    except RunFailed as error:
        return [] if f"refusing to bind {OPEN}" in error.reason else [error.reason]
    return ["a replica serves an open address without keys"]


def ask_for_keys(head: Head) -> list[str]:
    """Show that with keys an open address is served, to callers with a key."""
    secret, key = new_key("ray")
    deploy(head, [make_application(replicas=1, environ={"LOCKSTEP_API_KEYS": key.entry})], OPEN)
    statuses = [
        exchange(head, f"POST /forecast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n".encode()).status
        for header in ("", f"x-api-key: {secret}\r\n")
    ]
    return [] if statuses == [HTTPStatus.UNAUTHORIZED, HTTPStatus.BAD_REQUEST] else [f"answered {statuses}"]


def shut_down(head: Head) -> None:
    """End Serve on a head, without which its address cannot be changed; return when it has ended."""
    head.ask("DELETE", APPLICATIONS)
    deadline = time.monotonic() + TIMEOUT_S
    while head.ask("GET", APPLICATIONS)[1].get("controller_info", {}).get("actor_id"):
        if time.monotonic() > deadline:
            raise RunFailed("Serve does not end")
        time.sleep(POLL_S)


def _ask_without_token(head: Head, path: str) -> int:
    url = f"http://127.0.0.1:{head.ports['dashboard-port']}{path}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


PROMISES = (close_doors, replace_unready, refuse_open_address, ask_for_keys)
