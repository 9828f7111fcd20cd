"""What each pod must and must not be allowed, what its image is, and that no secret stands in a file."""

import re
from collections.abc import Iterator
from typing import Any

from qa.kubernetes.manifests import ONE_MACHINE, POLICY, Manifests, Pods

USER = 65532
"""The user of the image."""
PINNED = re.compile(r"[\w.-]+\.[\w.-]+/lockstep-(?:web|ray)@sha256:[0-9a-f]{64}")
LOCAL = re.compile(r"docker\.io/library/lockstep-web:local")
POD = {
    ("enableServiceLinks",): False,
    ("securityContext", "runAsNonRoot"): True,
    ("securityContext", "runAsUser"): USER,
    ("securityContext", "seccompProfile", "type"): "RuntimeDefault",
}
CONTAINER = {
    ("securityContext", "allowPrivilegeEscalation"): False,
    ("securityContext", "readOnlyRootFilesystem"): True,
    ("securityContext", "capabilities"): {"drop": ["ALL"]},
}
OPENINGS = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")
RESOURCES = (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))


def find_openings(manifests: Manifests) -> Iterator[str]:
    """Yield what is open that should be closed."""
    for secret in manifests.list_kind("Secret"):
        yield f"Secret/{secret['metadata']['name']} stands in a file"
    for namespace in manifests.list_kind("Namespace"):
        if namespace["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield "the namespace does not enforce restricted pods"
    for pod in manifests.list_pods():
        yield from (f"{pod.owner}: {fault}" for fault in _find_faults(pod, is_local=manifests.overlay == ONE_MACHINE))
        if not any(_is_closed(policy["spec"], pod) for policy in manifests.list_kind(POLICY)):
            yield f"{pod.owner}: no NetworkPolicy closes it"


def _find_faults(pod: Pods, *, is_local: bool) -> Iterator[str]:
    for path, value in POD.items():
        if (found := _read(pod.spec, path)) != value:
            yield f"{'.'.join(path)} is {found}, not {value}"
    for path, value in CONTAINER.items():
        if (found := _read(pod.container, path)) != value:
            yield f"{'.'.join(path)} is {found}, not {value}"
    # a head of Ray's asks Kubernetes for pods
    if pod.answers and pod.spec.get("automountServiceAccountToken") is not False:
        yield "its pods get a token of Kubernetes, which they do not use"
    yield from (f"{opening} is open" for opening in OPENINGS if pod.spec.get(opening))
    yield from (f"no {'.'.join(path)}" for path in RESOURCES if _read(pod.container["resources"], path) is None)
    if not (LOCAL if is_local else PINNED).fullmatch(pod.container["image"]):
        yield f"image {pod.container['image']} is not pinned by a digest"


def _is_closed(spec: dict[str, Any], pod: Pods) -> bool:
    """Return whether a policy takes these pods, for both directions, and opens no direction to everyone."""
    opens = [rule for rule in spec.get("ingress", ()) if not rule.get("from")]
    both = {*spec["policyTypes"]} == {"Ingress", "Egress"}
    return both and not opens and pod.match(spec["podSelector"]["matchLabels"])


def _read(value: Any, path: tuple[str, ...]) -> Any:
    for member in path:
        value = (value or {}).get(member)
    return value
