"""What a route promises, tried with Envoy in front of the services that it names."""

import copy
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from qa.dist.steps import run
from qa.kubernetes.arms import Arms
from qa.kubernetes.envoy import run_envoy
from qa.kubernetes.manifests import Object
from qa.kubernetes.shares import find_wrong_shares
from qa.servers import ROOT, Server

WRONG_WEIGHTS = (80, 20)
PARITY, DIVERGED = 0, 1
"""Exit codes of `lockstep parity`."""


@dataclass(frozen=True)
class Split:
    """The promises of a route whose services run."""

    arms: Arms

    def list_all(self) -> list[Callable[[], list[str]]]:
        """Return the promises, in the order in which they are tried."""
        return [self.share_requests, self.prove_parity, self.find_wrong_weights, self.find_wrong_bits]

    def share_requests(self) -> list[str]:
        """Show that Envoy shares requests by the weights of the route, and each answer has its own version's bits."""
        with run_envoy(self.arms.route, self.arms.ports) as envoy:
            return [*find_wrong_shares(self.arms, self.arms.route, envoy.port)]

    def prove_parity(self) -> list[str]:
        """Show that `lockstep parity --expect` proves both versions and their shares through Envoy."""
        with run_envoy(self.arms.route, self.arms.ports) as envoy:
            self._run_parity(envoy, PARITY)
        return []

    def find_wrong_weights(self) -> list[str]:
        """Show that a gateway with other weights is found, by these counts and by `lockstep parity --expect`."""
        with run_envoy(self._reweigh(), self.arms.ports) as envoy:
            found = [*find_wrong_shares(self.arms, self.arms.route, envoy.port)]
            self._run_parity(envoy, DIVERGED, "--only", "shares")
        return [] if any("answers, not" in line for line in found) else [f"{WRONG_WEIGHTS} are not found: {found}"]

    def find_wrong_bits(self) -> list[str]:
        """Show that a service whose answers are those of the other version is found."""
        one, other = self.arms.cases
        swapped = replace(self.arms, cases={one: self.arms.cases[other], other: self.arms.cases[one]})
        with run_envoy(self.arms.route, self.arms.ports) as envoy:
            found = [*find_wrong_shares(swapped, self.arms.route, envoy.port)]
        return [] if any(line.startswith("200 of") for line in found) else [f"other bits are not found: {found}"]

    def _run_parity(self, envoy: Server, expected: int, *options: str) -> None:
        """Run the suite against Envoy; raise `RunFailed` unless it ends with `expected`."""
        backends = self.arms.route["spec"]["rules"][0]["backendRefs"]
        shares = ",".join(f"{each['name'].rpartition('-')[2]}={each['weight']}" for each in backends)
        suite = (sys.executable, "-m", "lockstep", "parity", envoy.url, "--bundle", self.arms.model)
        run([*suite, "--expect", shares, *options], ROOT, expected, LOCKSTEP_API_KEY=self.arms.secret)

    def _reweigh(self) -> Object:
        route = copy.deepcopy(self.arms.route)
        for backend, weight in zip(route["spec"]["rules"][0]["backendRefs"], WRONG_WEIGHTS, strict=True):
            backend["weight"] = weight
        return route
