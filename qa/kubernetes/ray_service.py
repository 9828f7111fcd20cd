"""A RayService against the app that it serves: serve.yaml, the lock of the image, `lockstep ray check`."""

from collections.abc import Iterator
from typing import Any

import yaml

from lockstep.runtimes.ray.config_file import Fault, write_place
from lockstep.runtimes.ray.rules import ANY_ADDRESS, AUTH_MODE, find_offences
from lockstep.runtimes.ray.schema import find_misfits
from lockstep.scoring.keys import new_key
from qa.kubernetes.manifests import RAY_SERVICE, Manifests, Object, Pods, name
from qa.kubernetes.service import make_environment
from qa.servers import ROOT

CONFIG = ROOT / "serve.yaml"
LOCK = ROOT / "requirements" / "ray.txt"


def find_strange_services(manifests: Manifests) -> Iterator[str]:
    """Yield what differs from what is tried with Ray itself, and what must not be deployed."""
    for service in manifests.list_kind(RAY_SERVICE):
        yield from (f"{name(service)}: {fault}" for fault in _find_faults(service["spec"]))


def _find_faults(spec: Object) -> Iterator[str]:
    config, local = (yaml.safe_load(text) for text in (spec["serveConfigV2"], CONFIG.read_text()))
    if config != {**local, "http_options": {**local["http_options"], "host": ANY_ADDRESS}}:
        yield f"serveConfigV2 is not what {CONFIG.name} says, but for the address"
    if f"\nray=={spec['rayClusterConfig']['rayVersion']} " not in LOCK.read_text():
        yield f"rayVersion {spec['rayClusterConfig']['rayVersion']} is not that of {LOCK.name}"
    for fault in _check_config(config, spec["rayClusterConfig"]):
        yield f"serveConfigV2, {write_place(fault.place)}: {fault.reason}"


def _check_config(config: Any, cluster: Object) -> list[Fault]:
    """Return what `lockstep ray check` finds, with the environment that the pods of the workers have."""
    [group] = cluster["workerGroupSpecs"]
    environ = make_environment(Pods("", group["template"]), new_key("gateway")[1].entry)
    environ[AUTH_MODE] = cluster["authOptions"]["mode"]
    return [*find_misfits(config)] or [*find_offences(config, environ)]
