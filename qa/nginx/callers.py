"""Which addresses nginx of examples/ec2 lets through, also behind a load balancer."""

import json
import re

from lockstep.scoring.kinds import FORBIDDEN
from qa.nginx.asking import send
from qa.nginx.examples import USER_DATA, read_machine_example, run_example
from qa.nginx.own_errors import compare
from qa.nginx.upstream import run_upstream

STRANGER, BALANCER, SUBNET = "127.0.0.2", "127.0.0.3", "10.0.0.0/16"
LISTED, UNLISTED = "203.0.113.7", "198.51.100.7"
"""Of the range that stands in the file, and of another one."""


def refuse_strangers() -> list[str]:
    """Show that nginx of examples/ec2 lets nobody through but the addresses listed."""
    with run_upstream() as service, run_example(read_machine_example(), service.server_port) as proxy:
        broken = compare(FORBIDDEN, send(proxy.port, write_request(LISTED), STRANGER))
        if send(proxy.port, write_request()).status != 200:
            broken.append("a listed address is refused")
        if service.requests != 1:
            broken.append(f"{service.requests} requests reached the service instead of 1")
    return broken


def believe_the_balancer() -> list[str]:
    """Show that behind a load balancer, as the README sets it up, its word for an address counts and no other's."""
    [lines] = re.findall(r"```nginx\n(.*?)```", (USER_DATA.parent / "README.md").read_text(), re.DOTALL)
    changed = {"deny all;": f"{lines.replace(SUBNET, BALANCER)} deny all;"}
    with run_upstream() as service, run_example(read_machine_example(), service.server_port, changed) as proxy:
        broken = [
            *compare(FORBIDDEN, send(proxy.port, write_request(LISTED), STRANGER)),
            *compare(FORBIDDEN, send(proxy.port, write_request(f"{LISTED}, {UNLISTED}"), BALANCER)),
        ]
        answer = send(proxy.port, write_request(f"{UNLISTED}, {LISTED}"), BALANCER)
        if answer.status != 200 or json.loads(answer.body)["headers"]["X-Forwarded-For"] != LISTED:
            broken.append(f"a listed caller of the balancer is answered {answer.status} {answer.body!r}")
    return broken


def write_request(forwarded: str = "") -> bytes:
    """Return a small request, with what somebody forwards as the caller's address."""
    line = f"X-Forwarded-For: {forwarded}\r\n" if forwarded else ""
    return f"GET /health HTTP/1.1\r\nHost: a\r\n{line}\r\n".encode()
