"""What `/metrics` shows, for Prometheus: counts over all processes of the service, and what is running.

Every label has few values: a route is its rule or `unknown`, a code is one of the problem codes, a version is one that
is served.
"""

from collections.abc import Iterator

from lockstep.scoring.counters import Counters
from lockstep.scoring.exposition import Family, Sample, write_families
from lockstep.scoring.logs import DROPPED_LINES
from lockstep.scoring.record import STAGES, RequestRecord
from lockstep.scoring.service import Service

BUCKETS_S = (1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 1.0, 5.0, 25.0)
"""From a stage of one row to the longest that a router waits."""
VERSION = ("name", "version")
REQUESTS, ERRORS = "lockstep_requests_total", "lockstep_errors_total"
FORECASTS, ROWS = "lockstep_forecasts_total", "lockstep_rows_total"
DURATION, STAGE = "lockstep_request_duration_seconds", "lockstep_stage_duration_seconds"
COUNTED = (
    Family(REQUESTS, "counter", "Requests answered.", ("route", "status")),
    Family(ERRORS, "counter", "Requests refused or failed.", ("code",)),
    Family(FORECASTS, "counter", "Requests for each version.", (*VERSION, "status")),
    Family(ROWS, "counter", "Rows posted.", VERSION),
    Family(DURATION, "histogram", "Whole requests.", ("route",), BUCKETS_S),
    Family(STAGE, "histogram", "Stages of forecasts.", ("stage",), BUCKETS_S),
    Family(DROPPED_LINES, "counter", "Lines of the log that could not be written."),
)
IN_FLIGHT = Family("lockstep_requests_in_flight", "gauge", "Requests being answered.")
READY = Family("lockstep_ready", "gauge", "1 where /ready is 200.")
INFO = Family("lockstep_model_info", "gauge", "1 for each version.", (*VERSION, "symbol", "digest"))
CHECK_OK = Family("lockstep_self_check_ok", "gauge", "1 where every bit agreed at boot.", VERSION)
CHECK_ROWS = Family("lockstep_self_check_rows", "gauge", "Rows recomputed at boot.", VERSION)
CHECK_DURATION = Family("lockstep_self_check_duration_seconds", "gauge", "Time it took at boot.", VERSION)


class Metrics:
    """The counts of one app, in the counters of its process and those beside it."""

    def __init__(self, service: Service, counters: Counters) -> None:
        self._service = service
        self.use(counters)

    def use(self, counters: Counters) -> None:
        """Count in these counters from now on."""
        self.counters = counters
        counters.give_place((DROPPED_LINES,))  # these are shown from the start
        for stage in STAGES:
            counters.give_place((STAGE, stage), len(BUCKETS_S) + 2)

    def count(self, record: RequestRecord) -> None:
        """Count a request that has been answered."""
        add, observe = self.counters.add, self.counters.observe
        status = str(record.status)
        add((REQUESTS, record.route, status))
        observe((DURATION, record.route), record.duration_s, BUCKETS_S)
        if record.code is not None:
            add((ERRORS, record.code))
        for served, rows in record.count_rows():
            name, version = served.name, str(served.version)
            add((FORECASTS, name, version, status))
            add((ROWS, name, version), rows)
        for stage, seconds in record.stages_s.items():
            observe((STAGE, stage), seconds, BUCKETS_S)

    def render(self) -> bytes:
        """Return the metrics of all processes in Prometheus's text format."""
        return write_families([*self._list_counts(), *self.list_facts()], self.counters.origin)

    def _list_counts(self) -> Iterator[tuple[Family, list[Sample]]]:
        totals = self.counters.read()
        for family in COUNTED:
            yield family, [(key[1:], numbers) for key, numbers in totals.items() if key[0] == family.name]
        yield IN_FLIGHT, [((), [self.counters.count_in_flight()])]

    def list_facts(self) -> Iterator[tuple[Family, list[Sample]]]:
        """Yield what every process of the service knows alike: readiness, the versions and their self-checks."""
        registry = self._service.registry
        versions = [((each.name, str(each.version)), each) for each in registry.served]
        yield READY, [((), [not registry.faults])]
        digests = {version: each.bundle.manifest.digest for version, each in versions}
        yield INFO, [((*version, each.symbol or "", digests[version]), [1]) for version, each in versions]
        yield CHECK_OK, [(version, [each.self_check.fault is None]) for version, each in versions]
        yield CHECK_ROWS, [(version, [each.self_check.rows]) for version, each in versions]
        yield CHECK_DURATION, [(version, [each.self_check.duration_s]) for version, each in versions]
