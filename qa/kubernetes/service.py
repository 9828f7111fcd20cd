"""What a container says of the service in it: settings, the paths of probes, how long it may take to end."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache

from lockstep.scoring.keys import new_key
from lockstep.scoring.setting import list_settings
from lockstep.scoring.settings import Settings, SettingsError, read_settings
from qa.default_bundle import DEFAULT_BUNDLE
from qa.kubernetes.manifests import ROUTE, SERVE_PORT, Manifests, Pods
from qa.servers import ROOT, make_environ

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
PATHS_OF_RAY = {"/-/healthz", "/api/gcs_healthz", "/api/local_raylet_healthz"}
"""What Ray 2.60 answers with 200 without its token; tried with a head that asks for one elsewhere."""
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- the address that the images bind
REDIS_URL = "redis://redis:6379"
BOOT_S = 120.0
"""How long a service with many models may take to check itself."""


def find_misfits(manifests: Manifests) -> Iterator[str]:
    """Yield what the service would refuse, or would not do in time."""
    for pod in manifests.list_pods():
        yield from (f"{pod.owner}: {fault}" for fault in _find_setting_faults(pod))
        yield from (f"{pod.owner}: {fault}" for fault in _find_probe_faults(pod))
        if pod.answers and SERVE_PORT not in pod.ports:
            yield from (f"{pod.owner}: {fault}" for fault in _find_time_faults(pod))
    for route in manifests.list_kind(ROUTE):
        for rule in route["spec"]["rules"]:
            if (limit_s := _read_seconds(rule["timeouts"]["request"])) <= ask_graceful_s():
                yield f"HTTPRoute/{route['metadata']['name']}: {limit_s:.0f} s is less than an answer may take"


def make_environment(pod: Pods, key_entry: str) -> dict[str, str]:
    """Return the environment of a container, with an entry of a key, and an address, in place of the Secret."""
    secrets = {"LOCKSTEP_API_KEYS": key_entry, "REDIS_URL": REDIS_URL}
    return {each["name"]: each.get("value") or secrets.get(each["name"], "") for each in pod.container.get("env", ())}


def _find_setting_faults(pod: Pods) -> Iterator[str]:
    declared = {setting.variable: setting for _, setting in list_settings(Settings)}
    for each in pod.container.get("env", ()):
        setting = declared.get(each["name"])
        if setting is None:
            yield f"{each['name']} is no setting"
        elif setting.is_secret and "secretKeyRef" not in each.get("valueFrom", {}):
            yield f"{each['name']} is a secret and stands in a file"
    if not pod.answers:
        return
    environ = make_environment(pod, new_key("gateway")[1].entry)
    try:
        settings = read_settings(environ)
        settings.check_bind(EVERYWHERE)
    except SettingsError as error:
        yield str(error)
        return
    if settings.trusted_proxies != 1:
        yield f"LOCKSTEP_TRUSTED_PROXIES is {settings.trusted_proxies}, and one gateway stands in front"
    if "http" in pod.ports and settings.port != pod.ports["http"]:
        yield f"PORT is {settings.port}, and the container's port is {pod.ports['http']}"


def _find_probe_faults(pod: Pods) -> Iterator[str]:
    known = PATHS_OF_RAY if SERVE_PORT in pod.ports else list_routes()
    for probe in PROBES:
        path = _read_path(pod, probe)
        if path is not None and path not in known:
            yield f"{probe} asks {path}, which is no route"
    if _read_path(pod, "readinessProbe") is None or _read_path(pod, "livenessProbe") is None:
        yield "has no readiness or liveness probe"


def _read_path(pod: Pods, probe: str) -> str | None:
    path: str | None = pod.container.get(probe, {}).get("httpGet", {}).get("path")
    return path


def _find_time_faults(pod: Pods) -> Iterator[str]:
    grace_s = pod.spec["terminationGracePeriodSeconds"]
    stop_s = pod.container["lifecycle"]["preStop"]["sleep"]["seconds"] + ask_graceful_s()
    if grace_s <= stop_s:
        yield f"is killed after {grace_s} s, and may take {stop_s} s to end"
    startup: Mapping[str, int] = pod.container["startupProbe"]
    if startup["periodSeconds"] * startup["failureThreshold"] < BOOT_S:
        yield f"gets less than {BOOT_S:.0f} s to check itself"


def _read_seconds(text: str) -> float:
    return float(text.removesuffix("s"))


@cache
def list_routes() -> set[str]:
    """Return the routes of the app that are asked with GET."""
    from backend.app import create_app  # Flask is needed here alone

    app = create_app(read_settings({"LOCKSTEP_MODELS": str(DEFAULT_BUNDLE)}))
    return {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


@cache
def ask_graceful_s() -> int:
    """Return how long gunicorn lets its workers end, by its configuration, which runs when it is imported."""
    script = "from lockstep.runtimes.gunicorn.config import graceful_timeout; print(graceful_timeout)"
    asked = subprocess.run(  # noqa: S603 -- our own
        [sys.executable, "-c", script], cwd=ROOT, env=make_environ({}), capture_output=True, text=True, check=True
    )
    return int(asked.stdout)
