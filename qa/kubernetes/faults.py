"""Slips that somebody may make in a file, each of which one of the checks has to find."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from qa.kubernetes.definitions import Definitions
from qa.kubernetes.hardening import find_openings
from qa.kubernetes.manifests import Manifests, name
from qa.kubernetes.ray_service import find_strange_services
from qa.kubernetes.service import find_misfits
from qa.kubernetes.validation import find_invalid
from qa.kubernetes.wiring import find_loose_ends

REMOVED = object()
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
WORKER = "spec.rayClusterConfig.workerGroupSpecs.0.template"
HEAD = "spec.rayClusterConfig.headGroupSpec.template"
BACKENDS = "spec.rules.0.backendRefs"

Find = Callable[[Manifests], Iterator[str]]


@dataclass(frozen=True)
class Fault:
    """A value at the `path` of an object, by its kind and name, of which a check has to say `told`."""

    overlay: str
    of: str
    path: str
    value: object
    told: str

    def put_into(self, manifests: Manifests) -> Manifests:
        """Return a copy with the fault in it."""
        objects = copy.deepcopy(manifests.objects)
        [place] = [each for each in objects if name(each) == self.of]
        *path, last = self.path.split(".")
        for step in path:
            place = place[int(step)] if isinstance(place, list) else place[step]
        _set(place, last, self.value)
        return Manifests(manifests.overlay, objects)


def _set(place: Any, last: str, value: object) -> None:
    key = int(last) if isinstance(place, list) else last
    if value is REMOVED:
        del place[key]
    else:
        place[key] = value


DEPLOYMENT, SERVICE = "Deployment/lockstep-champion", "Service/lockstep-champion"
SCALER, BUDGET = "HorizontalPodAutoscaler/lockstep-champion", "PodDisruptionBudget/lockstep-champion"
POLICY, NAMESPACE = "NetworkPolicy/lockstep-champion", "Namespace/lockstep"
GATEWAY, ROUTE = "Gateway/lockstep", "HTTPRoute/lockstep"
RAY, RAY_POLICY, RAY_CHAMPION = (
    "RayService/lockstep-ray",
    "NetworkPolicy/lockstep-ray",
    "RayService/lockstep-ray-champion",
)
OF_KUBERNETES = (
    Fault("production", DEPLOYMENT, "spec.strategy.rollingUpdate.maxUnavailabel", 0, "maxUnavailabel"),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.readinesProbe", {}, "readinesProbe"),
    Fault("production", DEPLOYMENT, "kind", "Deploymnt", "Deploymnt"),
    Fault("production", SERVICE, "spec.ports.0.targetPrt", "http", "targetPrt"),
    Fault("production", SCALER, "spec.minReplica", 1, "minReplica"),
    Fault("production", BUDGET, "spec.maxUnavailabe", 1, "maxUnavailabe"),
    Fault("production", POLICY, "spec.ingres", [], "ingres"),
)
OF_DEFINITIONS = (
    Fault("production", ROUTE, f"{BACKENDS}.0.wieght", 90, "wieght"),
    Fault("production", ROUTE, f"{BACKENDS}.0.weight", "90", "is not of type"),
    Fault("production", ROUTE, "spec.rules.0.retry", {"attempts": 2}, "retry"),
    Fault("production", ROUTE, "apiVersion", "gateway.networking.k8s.io/v2", "is not defined"),
    Fault("production", GATEWAY, "spec.listeners.0.tls.certificateRef", [], "certificateRef"),
    Fault("production", GATEWAY, "spec.gatewayClassName", REMOVED, "gatewayClassName"),
    Fault("ray-production", RAY, "spec.upgradeStrategy.clusterUpgradeOptions.stepSizePercnt", 5, "stepSizePercnt"),
    Fault("ray-production", RAY, "spec.rayClusterConfig.authOptions.mode", "tokn", "tokn"),
    Fault("ray-production", RAY, f"{WORKER}.spec.enableServiceLink", False, "enableServiceLink"),
    Fault("ray-production", RAY, "metadata.lables", {}, "lables"),
)
OF_WIRING = (
    Fault("production", SERVICE, "spec.selector.lockstep/arm", "champ", "nothing"),
    Fault("production", SERVICE, "spec.selector", {"app.kubernetes.io/name": "lockstep"}, "not of one"),
    Fault("production", SERVICE, "spec.ports.0.targetPort", "htpp", "port htpp is none"),
    Fault("production", SERVICE, "spec.ports.0.port", 81, "is no port of a Service"),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.livenessProbe.httpGet.port", "web", "livenessProbe asks at port web"),
    Fault(
        "production", DEPLOYMENT, f"{POD}.topologySpreadConstraints.0.labelSelector.matchLabels.a", "b", "is spread by"
    ),
    Fault("production", DEPLOYMENT, "spec.replicas", 3, "sets replicas"),
    Fault("production", SCALER, "spec.scaleTargetRef.name", "x", "is not here"),
    Fault("production", BUDGET, "spec.selector.matchLabels.lockstep/arm", "x", "nothing"),
    Fault("production", POLICY, "spec.ingress.0.ports.0.port", 80, "port 80 is none"),
    Fault("production", ROUTE, f"{BACKENDS}.0.name", "lockstep-champion-svc", "is no port of a Service"),
    Fault("production", ROUTE, f"{BACKENDS}.0.weight", 80, "add up to 90"),
    Fault("production", ROUTE, "spec.parentRefs.0.sectionName", "http", "is no listener"),
    Fault("production", ROUTE, "spec.hostnames", ["x.example.com"], "hostnames"),
    Fault("ray-split", RAY_CHAMPION, f"{HEAD}.spec.containers.0.ports.3.name", "srv", "is no port"),
)
OF_HARDENING = (
    Fault("production", DEPLOYMENT, f"{CONTAINER}.image", "lockstep-web:latest", "not pinned"),
    Fault("one-machine", "Deployment/lockstep", f"{CONTAINER}.image", "lockstep-web", "not pinned"),
    Fault("production", DEPLOYMENT, f"{POD}.enableServiceLinks", REMOVED, "enableServiceLinks is None"),
    Fault("production", DEPLOYMENT, f"{POD}.securityContext.runAsUser", 0, "runAsUser is 0"),
    Fault("production", DEPLOYMENT, f"{POD}.automountServiceAccountToken", REMOVED, "a token of Kubernetes"),
    Fault("production", DEPLOYMENT, f"{POD}.hostNetwork", True, "hostNetwork is open"),
    Fault(
        "production", DEPLOYMENT, f"{CONTAINER}.securityContext.readOnlyRootFilesystem", False, "readOnlyRootFilesystem"
    ),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.resources.limits", {}, "no limits.memory"),
    Fault("production", NAMESPACE, "metadata.labels", {}, "restricted"),
    Fault("production", NAMESPACE, "kind", "Secret", "stands in a file"),
    Fault("production", POLICY, "spec.policyTypes", ["Ingress"], "no NetworkPolicy closes it"),
    Fault("ray-production", RAY_POLICY, "spec.ingress.1.from", [], "no NetworkPolicy closes it"),
)
OF_SERVICE = (
    Fault(
        "production", DEPLOYMENT, f"{CONTAINER}.env.2.name", "LOCKSTEP_TRUSTED_PROXY", "LOCKSTEP_TRUSTED_PROXY is no"
    ),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.env.1.name", "WEB_CONCURENCY", "WEB_CONCURENCY is no setting"),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.env.2.value", "2", "one gateway stands in front"),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.env.0.value", "8080", "the container's port is 5000"),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.env.4.value", "msft:champion", "LOCKSTEP_ALIASES"),
    Fault(
        "production",
        DEPLOYMENT,
        f"{CONTAINER}.env.3",
        {"name": "LOCKSTEP_API_KEYS", "value": "a:b"},
        "stands in a file",
    ),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.env.3", REMOVED, "without API keys"),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.livenessProbe.httpGet.path", "/healthz", "which is no route"),
    Fault("production", DEPLOYMENT, f"{POD}.terminationGracePeriodSeconds", 30, "is killed after 30 s"),
    Fault("production", DEPLOYMENT, f"{CONTAINER}.startupProbe.failureThreshold", 10, "to check itself"),
    Fault("production", ROUTE, "spec.rules.0.timeouts.request", "20s", "less than an answer may take"),
    Fault("ray-production", RAY, f"{WORKER}.spec.containers.0.livenessProbe", REMOVED, "liveness probe"),
    Fault("ray-production", RAY, f"{WORKER}.spec.containers.0.env.0.name", "LOCKSTEP_PROXIES", "is no setting"),
)
OF_RAY = (
    Fault("ray-production", RAY, "spec.serveConfigV2", "applications: []", "is not what serve.yaml says"),
    Fault("ray-production", RAY, "spec.serveConfigV2", "applicatons: []", "applicatons"),
    Fault("ray-production", RAY, "spec.rayClusterConfig.rayVersion", "2.59.0", "is not that of ray.txt"),
    Fault("ray-production", RAY, "spec.rayClusterConfig.authOptions.mode", "disabled", "RAY_AUTH_MODE is not token"),
    Fault("ray-production", RAY, f"{WORKER}.spec.containers.0.env.1", REMOVED, "without API keys"),
)


def list_faults(definitions: Definitions) -> Iterator[tuple[Find, Fault]]:
    """Yield each fault with the check that has to find it."""
    checks: tuple[tuple[Find, tuple[Fault, ...]], ...] = (
        (find_invalid, OF_KUBERNETES),
        (definitions.find_faults, OF_DEFINITIONS),
        (find_loose_ends, OF_WIRING),
        (find_openings, OF_HARDENING),
        (find_misfits, OF_SERVICE),
        (find_strange_services, OF_RAY),
    )
    return ((find, fault) for find, faults in checks for fault in faults)
