"""The objects of an overlay, and what belongs together in them."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from qa.errors import RunFailed
from qa.kubernetes.tools import find_kubectl
from qa.servers import ROOT, TIMEOUT_S

FOLDER = ROOT / "deploy" / "kubernetes"
ONE_MACHINE, PRODUCTION = "one-machine", "production"
OVERLAYS = (ONE_MACHINE, PRODUCTION, "ray-production", "ray-split")
DEPLOYMENT, RAY_SERVICE, SERVICE = "Deployment", "RayService", "Service"
POLICY, ROUTE, GATEWAY = "NetworkPolicy", "HTTPRoute", "Gateway"
SERVE_PORT = "serve"
"""The name by which KubeRay finds the port of Ray Serve."""

Object = dict[str, Any]


@dataclass(frozen=True)
class Pods:
    """The pods of one workload, each with one container of ours; `answers` is false for a head of Ray's."""

    owner: str
    template: Object
    answers: bool = True

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the labels of each pod."""
        return self.template["metadata"]["labels"]

    @property
    def spec(self) -> Object:
        """Return the specification of each pod."""
        return self.template["spec"]

    @property
    def container(self) -> Object:
        """Return the container."""
        [container] = self.spec["containers"]
        return container

    @property
    def ports(self) -> dict[str, int]:
        """Return the port numbers of the container by name."""
        return {port["name"]: port["containerPort"] for port in self.container.get("ports", ())}

    def match(self, selector: Mapping[str, str]) -> bool:
        """Return whether a selector by labels takes these pods."""
        return selector.items() <= self.labels.items()


@dataclass(frozen=True)
class Manifests:
    """The objects of one overlay, as `kubectl apply` would send them."""

    overlay: str
    objects: tuple[Object, ...]

    def list_kind(self, *kinds: str) -> Iterator[Object]:
        """Yield the objects of these kinds, in their order."""
        return (each for each in self.objects if each["kind"] in kinds)

    def list_pods(self) -> Iterator[Pods]:
        """Yield what workloads make pods of; a RayService has a head and groups of workers."""
        for each in self.list_kind(DEPLOYMENT):
            yield Pods(name(each), each["spec"]["template"])
        for each in self.list_kind(RAY_SERVICE):
            cluster = each["spec"]["rayClusterConfig"]
            yield Pods(f"{name(each)}, head", cluster["headGroupSpec"]["template"], answers=False)
            for group in cluster["workerGroupSpecs"]:
                yield Pods(f"{name(each)}, {group['groupName']}", group["template"])

    def list_services(self) -> dict[str, set[int]]:
        """Return the ports of each Service by its name, with those that KubeRay makes of a RayService."""
        services = {}
        for each in self.list_kind(SERVICE):
            services[each["metadata"]["name"]] = {port["port"] for port in each["spec"]["ports"]}
        for each in self.list_kind(RAY_SERVICE):
            head = Pods("", each["spec"]["rayClusterConfig"]["headGroupSpec"]["template"])
            services[f"{each['metadata']['name']}-serve-svc"] = {head.ports.get(SERVE_PORT, 0)}
        return services


def name(each: Object) -> str:
    """Return an object's kind and name, as kubectl writes them."""
    return f"{each['kind']}/{each['metadata']['name']}"


def build_overlay(overlay: str, folder: Path = FOLDER) -> Manifests:
    """Return what kubectl's kustomize makes of an overlay; raise `RunFailed` with its message."""
    command = [find_kubectl(), "kustomize", str(folder / overlay)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 -- kubectl
    if built.returncode or built.stderr:
        raise RunFailed(f"{overlay} is not built", built.stderr)
    return Manifests(overlay, tuple(yaml.safe_load_all(built.stdout)))


def build_patched(overlay: str, lines: str) -> Manifests:
    """Return an overlay with more lines at the end of its kustomization.yaml; raise `RunFailed`."""
    with tempfile.TemporaryDirectory() as name:
        folder = shutil.copytree(FOLDER, Path(name) / FOLDER.name)
        with (folder / overlay / "kustomization.yaml").open("a") as file:
            file.write(lines)
        return build_overlay(overlay, folder)
