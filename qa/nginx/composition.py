"""The compose file of examples/compose, by Compose itself, and what Compose does not look at."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

from qa.nginx.examples import COMPOSE_FILE
from qa.nginx.tools import COMPOSE
from qa.servers import TIMEOUT_S, make_environ

ENTRY = "name:0123"
KEYS = "LOCKSTEP_API_KEYS"
SECRETS = ("KEY", "SECRET", "TOKEN", "PASSWORD")
BOUNDS = ("mem_limit", "memswap_limit", "pids_limit", "healthcheck", "restart")
ALIKE = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
OPENINGS = ("privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "userns_mode")


def accept_compose_file() -> list[str]:
    """Show that Compose accepts the file with a key and only with one, and that both containers are bounded."""
    broken = []
    quiet, without = _compose("config", "-q", keys=ENTRY), _compose("config", "-q", keys="")
    if quiet.returncode or quiet.stderr:
        broken.append(f"config -q: {quiet.stderr.strip()}")
    if without.returncode == 0 or KEYS not in without.stderr:
        broken.append(f"without {KEYS}: exit code {without.returncode}, {without.stderr.strip()}")
    told = json.loads(_compose("config", "--format", "json", keys=ENTRY).stdout or "{}").get("services", {})
    if set(told) != {"app", "nginx"}:
        return [*broken, f"the services are {sorted(told)}"]
    broken += [f"{name}: {line}" for name, service in told.items() for line in _find_unbounded(service)]
    return [*broken, *_find_ways_in(told["app"], told["nginx"])]


def _find_unbounded(service: dict[str, Any]) -> Iterator[str]:
    yield from (f"no {bound}" for bound in BOUNDS if not service.get(bound))
    yield from (f"{name} is {service.get(name)}" for name, value in ALIKE.items() if service.get(name) != value)
    yield from (f"has {opening}" for opening in OPENINGS if opening in service)
    yield from (f"{each['target']} can be written" for each in service.get("volumes", ()) if not each.get("read_only"))
    for name, value in (service.get("environment") or {}).items():
        if value != ENTRY and any(word in name for word in SECRETS):
            yield f"{name} has a value of its own"


def _find_ways_in(app: dict[str, Any], nginx: dict[str, Any]) -> Iterator[str]:
    if app.get("environment", {}).get(KEYS) != ENTRY:
        yield f"app gets no {KEYS}"
    if "ports" in app or set(app["networks"]) & set(nginx["networks"]) == set(nginx["networks"]):
        yield "app can be reached without nginx"
    published = [(port.get("host_ip"), port["published"], port["target"]) for port in nginx.get("ports", ())]
    if published != [("127.0.0.1", "8080", 8080)]:
        yield f"nginx publishes {published}"
    if nginx.get("depends_on", {}).get("app", {}).get("condition") != "service_healthy":
        yield "nginx does not wait for app"


def _compose(*arguments: str, keys: str) -> subprocess.CompletedProcess[str]:
    command = [COMPOSE.find(), "-f", str(COMPOSE_FILE), *arguments]
    return subprocess.run(  # noqa: S603 -- Compose, which asks no engine for this
        command, env=make_environ({KEYS: keys}), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
