"""Envoy as a Gateway controller would configure it for a route: hostnames, paths, weights and time limits.

A route says nothing of two things, which docs/kubernetes.md asks of the controller: the id of a request that a client
sends is kept, and idle connections end before the service ends them.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qa.errors import RunFailed
from qa.kubernetes.manifests import Object
from qa.kubernetes.tools import find_envoy
from qa.servers import App, Server, find_free_port

TYPE = "type.googleapis.com/envoy.extensions"
IDLE = "90s"
"""How long an idle connection to the service is kept: less than the 100 s after which gunicorn closes it."""
KNOWN = {"matches", "timeouts", "backendRefs"}
ADDRESS = "127.0.0.1"

Json = dict[str, Any]


def derive_configuration(route: Object, port: int, services: Mapping[str, int]) -> Json:
    """Return Envoy's configuration for an HTTPRoute, listening on a port of loopback without TLS.

    `services` are the ports here of the Services that the route names. The address here counts as a hostname. Raises
    `RunFailed` for what a route says and this function cannot derive.
    """
    rules = [_derive_rule(rule) for rule in route["spec"]["rules"]]
    host = {
        "name": route["metadata"]["name"],
        "domains": [*route["spec"]["hostnames"], f"{ADDRESS}:{port}"],
        "routes": rules,
    }
    manager = {
        "@type": f"{TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "use_remote_address": True,
        "preserve_external_request_id": True,
        "request_id_extension": {
            # an id of 36 characters is a UUID to Envoy, which otherwise writes into its 15th character
            "typed_config": {"@type": f"{TYPE}.request_id.uuid.v3.UuidRequestIdConfig", "pack_trace_reason": False}
        },
        "route_config": {"virtual_hosts": [host]},
        "http_filters": [{"name": "router", "typed_config": {"@type": f"{TYPE}.filters.http.router.v3.Router"}}],
    }
    listener = {
        "name": "gateway",
        "address": _write_address(port),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    clusters = [_write_cluster(name, at) for name, at in services.items()]
    return {"static_resources": {"listeners": [listener], "clusters": clusters}}


def _derive_rule(rule: Object) -> Json:
    [match] = rule["matches"]
    if {*rule} - KNOWN or match["path"]["type"] != "PathPrefix":
        raise RunFailed(f"a route has {sorted({*rule} - KNOWN) or match['path']}, which is not derived for Envoy")
    clusters = [{"name": backend["name"], "weight": backend["weight"]} for backend in rule["backendRefs"]]
    return {
        "match": {"prefix": match["path"]["value"]},
        "route": {"timeout": rule["timeouts"]["request"], "weighted_clusters": {"clusters": clusters}},
    }


def _write_cluster(name: str, port: int) -> Json:
    options = {
        "@type": f"{TYPE}.upstreams.http.v3.HttpProtocolOptions",
        "common_http_protocol_options": {"idle_timeout": IDLE},
        "explicit_http_config": {"http_protocol_options": {}},
    }
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": _write_address(port)}}]}]
    return {
        "name": name,
        "type": "STATIC",
        "load_assignment": {"cluster_name": name, "endpoints": endpoints},
        "typed_extension_protocol_options": {options["@type"].removeprefix("type.googleapis.com/"): options},  # type: ignore[attr-defined] # text
    }


def _write_address(port: int) -> Json:
    return {"socket_address": {"address": ADDRESS, "port_value": port}}


@contextmanager
def run_envoy(route: Object, services: Mapping[str, int]) -> Iterator[Server]:
    """Run Envoy with what is derived from a route, inside a `with` block."""
    port = find_free_port()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "envoy.json"
        file.write_text(json.dumps(derive_configuration(route, port, services)))
        # Envoys of others on this machine share nothing with it
        command = (find_envoy(), "-c", str(file), "--use-dynamic-base-id", "--concurrency", "1", "-l", "warning")
        with Server(App("envoy", command, probe=""), Path(name) / "log", port) as server:
            server.wait_until_ready()
            yield server
