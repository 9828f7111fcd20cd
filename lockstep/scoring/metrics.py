"""What `/metrics` shows, for Prometheus: counts over all processes of the service, and what is running.

Every label has few values: a route is its rule or `unknown`, a code is one of the problem codes, a version is one that
is served. If a server forks processes, each counts in files of its own, see `lockstep.scoring.shared_counters`, and
any adds them up.
"""

import os
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from lockstep.scoring.record import STAGES, RequestRecord
from lockstep.scoring.service import Service
from lockstep.scoring.shared_counters import DIRECTORY

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS_S = (1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 1.0, 5.0, 25.0)
"""From a stage of one row to the longest that a router waits."""


class Metrics:
    """The counts of one app."""

    def __init__(self, service: Service) -> None:
        own, self._shown = CollectorRegistry(), CollectorRegistry()
        self.in_flight = Gauge(
            "lockstep_requests_in_flight", "Requests being answered.", registry=own, multiprocess_mode="livesum"
        )
        self._requests = Counter("lockstep_requests", "Requests answered.", ("route", "status"), registry=own)
        self._errors = Counter("lockstep_errors", "Requests refused or failed.", ("code",), registry=own)
        version = ("name", "version")
        self._forecasts = Counter(
            "lockstep_forecasts", "Requests for each version.", (*version, "status"), registry=own
        )
        self._rows = Counter("lockstep_rows", "Rows posted.", version, registry=own)
        self._duration = Histogram(
            "lockstep_request_duration_seconds", "Whole requests.", ("route",), registry=own, buckets=BUCKETS_S
        )
        stage = Histogram(
            "lockstep_stage_duration_seconds", "Stages of forecasts.", ("stage",), registry=own, buckets=BUCKETS_S
        )
        self._stages = {name: stage.labels(name) for name in STAGES}
        if DIRECTORY in os.environ:
            MultiProcessCollector(self._shown)  # type: ignore[no-untyped-call] # it lacks annotations
        else:
            self._shown.register(own)
        self._shown.register(ServiceFacts(service))

    def count(self, record: RequestRecord) -> None:
        """Count a request that has been answered."""
        self._requests.labels(record.route, str(record.status)).inc()
        self._duration.labels(record.route).observe(record.duration_s)
        if record.code is not None:
            self._errors.labels(record.code).inc()
        if record.served is not None and record.rows is not None:
            version = record.served.name, str(record.served.version)
            self._forecasts.labels(*version, str(record.status)).inc()
            self._rows.labels(*version).inc(record.rows)
        for stage, seconds in record.stages_s.items():
            self._stages[stage].observe(seconds)

    def render(self) -> bytes:
        """Return the metrics of all processes in Prometheus's text format."""
        return generate_latest(self._shown)


class ServiceFacts(Collector):
    """What every process of the service knows alike, since all serve the same models."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        """Yield readiness, the bundles and their self-checks."""
        registry = self._service.registry
        yield GaugeMetricFamily("lockstep_ready", "1 where /ready is 200.", value=not registry.faults)
        labels = ("name", "version", "symbol", "digest")
        info = GaugeMetricFamily("lockstep_model_info", "1 for each version.", labels=labels)
        for served in registry.served:
            info.add_metric((served.name, str(served.version), served.symbol or "", served.bundle.manifest.digest), 1)
        yield info
        checks = {(each.name, str(each.version)): each.self_check for each in registry.served}
        for name, help_text, values in (
            ("ok", "1 where every bit agreed at boot.", {key: check.fault is None for key, check in checks.items()}),
            ("rows", "Rows recomputed at boot.", {key: check.rows for key, check in checks.items()}),
            ("duration_seconds", "Time it took at boot.", {key: check.duration_s for key, check in checks.items()}),
        ):
            family = GaugeMetricFamily(f"lockstep_self_check_{name}", help_text, labels=("name", "version"))
            for key, value in values.items():
                family.add_metric(key, value)
            yield family
