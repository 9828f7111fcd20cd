"""What deploy/kubernetes promises, each tried without a cluster."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lockstep.scoring.settings import SettingsError, read_settings
from qa.kubernetes.definitions import Definitions
from qa.kubernetes.faults import list_faults
from qa.kubernetes.hardening import find_openings
from qa.kubernetes.manifests import OVERLAYS, PRODUCTION, SERVICE, Manifests, build_overlay, build_patched
from qa.kubernetes.ray_service import find_strange_services
from qa.kubernetes.service import find_misfits, make_environment
from qa.kubernetes.validation import find_invalid
from qa.kubernetes.wiring import find_loose_ends
from qa.servers import ROOT

PAGE = ROOT / "docs" / "kubernetes.md"


@dataclass(frozen=True)
class Promises:
    """The promises of what was built of each overlay."""

    definitions: Definitions
    built: Mapping[str, Manifests]

    def list_all(self) -> list[Callable[[], list[str]]]:
        """Return the promises, in the order in which they are tried."""
        return [
            self.accept_kinds_of_kubernetes,
            self.accept_custom_resources,
            self.find_no_loose_ends,
            self.find_no_openings,
            self.fit_the_service,
            self.serve_as_on_ray,
            self.find_every_fault,
            self.refuse_service_links,
            self.accept_the_patch_for_redis,
        ]

    def accept_kinds_of_kubernetes(self) -> list[str]:
        """Show that kubernetes-validate --strict accepts every overlay, for the oldest and the newest Kubernetes."""
        return self._find(find_invalid)

    def accept_custom_resources(self) -> list[str]:
        """Show that RayService, Gateway and HTTPRoute are as their definitions say, with no member beside them."""
        return self._find(self.definitions.find_faults)

    def find_no_loose_ends(self) -> list[str]:
        """Show that selectors, ports, targets and backends meet what they name, and weights add up to 100."""
        return self._find(find_loose_ends)

    def find_no_openings(self) -> list[str]:
        """Show that pods run without rights, behind a NetworkPolicy, from pinned images, and no secret is in a file."""
        return self._find(find_openings)

    def fit_the_service(self) -> list[str]:
        """Show that variables are settings, probes ask routes, and there is time to start and to end."""
        return self._find(find_misfits)

    def serve_as_on_ray(self) -> list[str]:
        """Show that a RayService runs what serve.yaml does, on the locked Ray, and `lockstep ray check` accepts it."""
        return self._find(find_strange_services)

    def find_every_fault(self) -> list[str]:
        """Show that each of these checks finds the slips that it is for, one at a time."""
        missed = []
        for find, fault in list_faults(self.definitions):
            found = [*find(fault.put_into(self.built[fault.overlay]))]
            if not any(fault.told in line for line in found):
                missed.append(f"{fault.of}, {fault.path} as {fault.value}: {found or 'is not found'}")
        return missed

    def refuse_service_links(self) -> list[str]:
        """Show that the service refuses what Kubernetes would set with service links, so that they have to be off."""
        taken = []
        for manifests in self.built.values():
            for each in manifests.list_kind(SERVICE):
                variable = f"{each['metadata']['name'].upper().replace('-', '_')}_SERVICE_HOST"
                try:
                    read_settings({variable: "10.0.0.1"})
                except SettingsError:
                    continue
                taken.append(variable)
        return taken

    def accept_the_patch_for_redis(self) -> list[str]:
        """Show that the patch of docs/kubernetes.md for a Redis fits the overlay, and gives the pods its address."""
        patched = build_patched(PRODUCTION, read_patch())
        unset = [pods.owner for pods in patched.list_pods() if "REDIS_URL" not in make_environment(pods, "")]
        return [*(f"{owner} has no REDIS_URL" for owner in unset), *find_invalid(patched), *find_misfits(patched)]

    def _find(self, find: Callable[[Manifests], Iterator[str]]) -> list[str]:
        return [f"{overlay}: {line}" for overlay, manifests in self.built.items() for line in find(manifests)]


def read_patch() -> str:
    """Return the lines for a kustomization.yaml that the page shows."""
    [patch] = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(patch)


def build_all() -> dict[str, Manifests]:
    """Return every overlay as kubectl builds it; raise `RunFailed`."""
    return {overlay: build_overlay(overlay) for overlay in OVERLAYS}
