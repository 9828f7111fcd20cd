"""The record of a run: all that was compared, where and with what outcome. Every report is a view of it."""

import msgspec
from msgspec import UNSET, UnsetType

from lockstep.bundles.machine import Machine
from lockstep.parity.curl import describe_again
from lockstep.parity.demand import EXACT
from lockstep.parity.difference import Value
from lockstep.parity.doors.peer import Identity
from lockstep.parity.locate import Location

UNTOLD = "–"


class BundleEntry(msgspec.Struct, frozen=True):
    """The bundle whose evaluation was compared, what predicted in the service, and the guarantee of each output.

    `symbol` is None for a table, and for a panel that was proven as a whole: `series` is how many it has, and `touched`
    of how many of them a request was about.
    """

    name: str
    kind: str
    symbol: str | None
    digest: str
    predictor: str
    guarantees: dict[str, str]
    series: int | UnsetType = UNSET
    touched: int | UnsetType = UNSET


class Side(msgspec.Struct, frozen=True):
    """What one of the two sides runs on; `machine` is None where a service does not tell."""

    libraries: dict[str, str]
    machine: Machine | None


class CheckEntry(msgspec.Struct, frozen=True):
    """One check: its verdict, how much it compared of at least how much, and what it found (at most 100 lines).

    `equality` is the tightest that holds for what was compared, whatever is guaranteed. `requests` names the requests
    in which something was found, `again` is the command that sends the first of them again, `route` where it was
    posted; each is empty if nothing was found.
    """

    name: str
    proves: str
    verdict: str
    compared: int
    floor: int
    equality: str
    duration_s: float
    n_findings: int
    findings: list[str]
    shortfall: str
    requests: list[str]
    again: str
    location: Location | None
    route: str = ""

    @property
    def repeating(self) -> list[str]:
        """Return the lines that lead to the first request in which something was found."""
        return describe_again(self.route, self.again)


class Latency(msgspec.Struct, frozen=True):
    """How long the answers of one route took to come, in milliseconds; retries are not among them."""

    path: str
    requests: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


class Prediction(msgspec.Struct, frozen=True, array_like=True):
    """One evaluated row: its date or id, the prediction in evaluation.csv, and the served one."""

    key: str
    evaluated: Value
    served: Value | None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the suite.

    All requests were drawn from `seed`, by the rules of `scheme`. `columns` are the names of the columns of each stage,
    none for a stage of one value a row; `differing` counts rows by stage and column, over the checks that located any.
    `door` is the protocol that they were written in, empty for our own API; `identity` is how the server showed which
    bundle answered. `server` is what runs the app, as it calls itself.
    """

    schema_version: int = 3
    verdict: str
    exit_code: int
    shortfall: str
    url: str
    bundle: BundleEntry
    scheme: int
    seed: int
    started: str
    duration_s: float
    local: Side
    service: Side
    service_commit: str
    checks: list[CheckEntry]
    leaves_reached: int
    n_leaves: int
    retries: int
    latency: list[Latency]
    columns: dict[str, list[str]]
    differing: dict[str, dict[str, int]]
    predictions: list[Prediction]
    door: str = ""
    identity: str = Identity.SHOWN.value
    server: str = "unknown"

    @property
    def compared(self) -> int:
        """Return how many comparisons all checks made."""
        return sum(check.compared for check in self.checks)

    @property
    def summary(self) -> str:
        """Say in one line what was compared."""
        retries = f", {self.retries} retries" if self.retries else ""
        leaves = f", {self.leaves_reached} of the tree's {self.n_leaves} leaves reached" if self.n_leaves else ""
        checks = f"{len(self.checks)} check{'s' * (len(self.checks) != 1)}"
        return (
            f"{checks}, {self.compared} comparisons{self.of_series}{self.through}, {self.guaranteed}{leaves}{retries}"
        )

    @property
    def of_series(self) -> str:
        """Say of how many series of a panel there were requests, or of which one; nothing for any other model."""
        bundle = self.bundle
        if bundle.series is UNSET:
            return ""
        which = f"{bundle.touched} of" if bundle.symbol is None else f"{bundle.symbol}, one of"
        return f" of {which} {bundle.series} series"

    @property
    def through(self) -> str:
        """Say through which door, and what the server does not show; nothing for our own API."""
        shown = "" if self.identity == Identity.SHOWN else f", identity {self.identity}"
        return f" through the door {self.door}{shown}" if self.door else ""

    @property
    def guaranteed(self) -> str:
        """Say what was demanded of each output, and what predicted if it is not an exact form."""
        outputs = ", ".join(f"{output} guaranteed to {demand}" for output, demand in self.bundle.guarantees.items())
        return outputs + ("" if self.bundle.predictor == EXACT else f", answered by {self.bundle.predictor}")

    @property
    def sides(self) -> list[tuple[str, str, str]]:
        """Return what the two sides run on: a name, the local value and the service's."""
        local, service = _list_properties(self.local), _list_properties(self.service)
        rows = [(name, local.get(name, UNTOLD), service.get(name, UNTOLD)) for name in {**local, **service}]
        return [*rows, ("commit", UNTOLD, self.service_commit), ("server", UNTOLD, self.server)]


def _list_properties(side: Side) -> dict[str, str]:
    machine = side.machine
    told = {} if machine is None else {"system": machine.system, "cpu": machine.cpu, "simd": " ".join(machine.simd)}
    return {**side.libraries, **told}
