"""Names by which objects find each other: labels, ports, targets, backends. A validator looks at one object only."""

from collections.abc import Iterator
from typing import Any

from qa.kubernetes.manifests import GATEWAY, POLICY, ROUTE, SERVICE, Manifests, Object, Pods, name

WHOLE = 100
"""What weights add up to, so that each is a percentage."""


def find_loose_ends(manifests: Manifests) -> Iterator[str]:
    """Yield what refers to nothing, or to more than it should."""
    yield from _find_selector_faults(manifests)
    yield from _find_port_faults(manifests)
    yield from _find_scaling_faults(manifests)
    for route in manifests.list_kind(ROUTE):
        yield from (f"{name(route)}: {fault}" for fault in _find_route_faults(manifests, route))


def _find_selector_faults(manifests: Manifests) -> Iterator[str]:
    pods = [*manifests.list_pods()]
    for each in manifests.objects:
        selector = _read_selector(each)
        if selector is None:
            continue
        taken = sorted({pod.owner.partition(",")[0] for pod in pods if pod.match(selector)})
        if len(taken) != 1:
            yield f"{name(each)}: selects the pods of {', '.join(taken) or 'nothing'}, not of one workload"
        if each["kind"] == "Deployment" and taken != [name(each)]:
            yield f"{name(each)}: does not select its own pods"
    for pod in pods:
        for spread in pod.spec.get("topologySpreadConstraints", ()):
            if not pod.match(spread["labelSelector"]["matchLabels"]):
                yield f"{pod.owner}: is spread by labels that its pods have not"


def _read_selector(each: Object) -> dict[str, str] | None:
    """Return the labels by which an object selects pods of its namespace, None if it selects none."""
    spec = each.get("spec", {})
    selector: Any = spec.get("podSelector") or spec.get("selector")
    return selector and (selector if each["kind"] == SERVICE else selector["matchLabels"])


def _find_port_faults(manifests: Manifests) -> Iterator[str]:
    for pod in manifests.list_pods():
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            port = pod.container.get(probe, {}).get("httpGet", {}).get("port")
            if port is not None and not _has_port(pod, port):
                yield f"{pod.owner}: {probe} asks at port {port}, which the container has not"
    for each in manifests.objects:
        selector = _read_selector(each)
        pods = [pod for pod in manifests.list_pods() if selector and pod.match(selector)]
        for port in _list_ports_of(each):
            if pods and not any(_has_port(pod, port) for pod in pods):
                yield f"{name(each)}: port {port} is none of {pods[0].owner}"


def _list_ports_of(each: Object) -> Iterator[int | str]:
    """Yield the ports of pods that a Service sends to, or a policy opens."""
    if each["kind"] == SERVICE:
        yield from (port["targetPort"] for port in each["spec"]["ports"])
    elif each["kind"] == POLICY:
        yield from (port["port"] for rule in each["spec"]["ingress"] for port in rule.get("ports", ()))


def _has_port(pod: Pods, port: int | str) -> bool:
    return port in (pod.ports if isinstance(port, str) else pod.ports.values())


def _find_scaling_faults(manifests: Manifests) -> Iterator[str]:
    workloads = {name(each): each for each in manifests.list_kind("Deployment")}
    for each in manifests.list_kind("HorizontalPodAutoscaler"):
        target = each["spec"]["scaleTargetRef"]
        found = workloads.get(f"{target['kind']}/{target['name']}")
        if found is None:
            yield f"{name(each)}: scales {target['kind']}/{target['name']}, which is not here"
        elif "replicas" in found["spec"]:
            yield f"{name(found)}: sets replicas, which {name(each)} sets as well"


def _find_route_faults(manifests: Manifests, route: Object) -> Iterator[str]:
    gateways = {each["metadata"]["name"]: each["spec"]["listeners"] for each in manifests.list_kind(GATEWAY)}
    for parent in route["spec"]["parentRefs"]:
        listeners = [each for each in gateways.get(parent["name"], ()) if each["name"] == parent["sectionName"]]
        if not listeners:
            yield f"{parent['sectionName']} is no listener of a gateway {parent['name']} here"
        elif [each["hostname"] for each in listeners] != route["spec"]["hostnames"]:
            yield f"its hostnames are not that of the listener {parent['sectionName']}"
    services = manifests.list_services()
    for rule in route["spec"]["rules"]:
        for backend in rule["backendRefs"]:
            if backend["port"] not in services.get(backend["name"], ()):
                yield f"{backend['name']}:{backend['port']} is no port of a Service"
        weights = [backend["weight"] for backend in rule["backendRefs"]]
        if sum(weights) != WHOLE:
            yield f"weights {weights} add up to {sum(weights)}, not {WHOLE}"
