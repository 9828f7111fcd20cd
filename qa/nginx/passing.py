"""What nginx of the examples passes on."""

import base64
import http.client
import json
import socket
from typing import Any

from qa.nginx.asking import TIMEOUT_S, ask
from qa.nginx.examples import read_compose_example, read_machine_example, run_example
from qa.nginx.upstream import DYING, Upstream, run_upstream
from qa.servers import Server

ASKED = 100
CONNECTIONS = 2
"""At most one for each of nginx's workers: a request ends before the next begins."""
OWN_ID, WRONG_ID = "a-request-id-of-a-client", 'short", "status": 200'
CLAIMS = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https", "X-Request-Id": OWN_ID}
IN_URL = "lockstep-key-of-a-url"
SIZE = 200_000


def pass_on() -> list[str]:
    """Show that connections last, lost answers are asked for again, claims replaced, bodies awaited, no keys logged."""
    broken = []
    for example in (read_compose_example(), read_machine_example()):
        with run_upstream() as service, run_example(example, service.server_port) as proxy:
            tried = (
                _count_connections(proxy),
                _ask_again(proxy, service),
                _replace_claims(proxy),
                _await_body(proxy, service),
                _hide_key(proxy),
            )
            broken += [f"{example.name}: {line}" for found in tried for line in found]
    return broken


def _count_connections(proxy: Server) -> list[str]:
    ports = {_see(proxy)["port"] for _ in range(ASKED)}
    return [f"{len(ports)} connections for {ASKED} requests"] if len(ports) > CONNECTIONS else []


def _ask_again(proxy: Server, service: Upstream) -> list[str]:
    """Send a request whose connection to the service, one that was kept, ends without an answer."""
    client = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=TIMEOUT_S)  # one worker of nginx, for both
    before, statuses = service.requests, []
    for path in ("/", DYING):
        client.request("POST", path, bytes(SIZE))
        answer = client.getresponse()
        answer.read()
        statuses.append(answer.status)
    client.close()
    asked = service.requests - before
    return [f"{statuses} after {asked} requests"] if (statuses, asked) != ([200, 200], 3) else []


def _replace_claims(proxy: Server) -> list[str]:
    seen = _see(proxy, CLAIMS)["headers"]
    expected = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Request-Id": OWN_ID}
    broken = [f"{name}: {seen.get(name)}" for name, value in expected.items() if seen.get(name) != value]
    if _see(proxy, {"X-Request-Id": WRONG_ID})["headers"]["X-Request-Id"] == WRONG_ID:
        broken.append("a request id of another form is kept")
    return broken


def _await_body(proxy: Server, service: Upstream) -> list[str]:
    """Send a body in chunks, and see that the service hears of the request at its end."""
    before = service.requests
    half = b"%x\r\n%b\r\n" % (SIZE // 2, bytes(SIZE // 2))
    with socket.create_connection(("127.0.0.1", proxy.port), TIMEOUT_S) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + half)
        _see(proxy)  # by now nginx has had time to open another connection
        reached = service.requests - before - 1
        client.sendall(half + b"0\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(2**16), b""))
    body = answer.partition(b"\r\n\r\n")[2]
    came = json.loads(body).get("length") if body.startswith(b"{") else body
    return [f"{reached} requests began early, {came!r} came"] if (reached, came) != (0, SIZE) else []


def _hide_key(proxy: Server) -> list[str]:
    """Send a key as the user part of a URL, and look for it in what nginx writes."""
    user = base64.b64encode(f"{IN_URL}:".encode()).decode()
    _see(proxy, {"Authorization": f"Basic {user}"})
    written = "".join(path.read_text(errors="replace") for path in proxy.log.parent.glob("*log"))
    return [f"{each!r} is in the log" for each in (IN_URL, user) if each in written] + (
        [] if OWN_ID in written else ["no request is in the log"]
    )


def _see(proxy: Server, headers: dict[str, str] | None = None) -> Any:
    """Return what reached the service of a small request on a connection of its own."""
    return json.loads(ask(proxy.port, ("GET", "/"), headers=headers)[1])
