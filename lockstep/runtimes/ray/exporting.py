"""What a replica hands to Serve's own exporters: its counts, its facts, and its lines of the log."""

import logging
from typing import Any

from ray import serve
from ray.serve import metrics

from lockstep.runtimes.ray.counters import Export, ExportedCounters
from lockstep.scoring.exposition import Family
from lockstep.scoring.metrics import COUNTED, Metrics

OURS, OF_SERVE = "lockstep", "ray.serve"
"""The loggers whose messages go from the first to the second."""


def export_counts() -> ExportedCounters:
    """Return counters whose numbers Ray exports as well, below the same names with `ray_` in front."""
    exports = {family.name: (family, _make_export(family)) for family in COUNTED}
    return ExportedCounters(exports, serve.get_replica_context().replica_id.unique_id)


def _make_export(family: Family) -> Export:
    if family.kind == "histogram":
        histogram = metrics.Histogram(family.name, family.help, list(family.bounds), family.labels)
        observe: Export = histogram.observe
        return observe
    count: Export = metrics.Counter(family.name, family.help, family.labels).inc
    return count


class ExportedFacts:
    """The gauges of a replica."""

    def __init__(self, shown: Metrics) -> None:
        self._shown, self._gauges = shown, dict[str, Any]()

    def export(self) -> None:
        """Hand what is true now to Ray."""
        for family, samples in self._shown.list_facts():
            if family.name not in self._gauges:
                self._gauges[family.name] = metrics.Gauge(family.name, family.help, family.labels)
            for values, numbers in samples:
                labels = dict(zip(family.labels, values, strict=True))
                self._gauges[family.name].set(float(numbers[0]), labels)


class ServeHandler(logging.Handler):
    """A handler that gives each record to Serve's logger, which writes it beside what Serve says of the replica."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record over; the fields of a request's line become members of the line, and stay off stderr."""
        if fields := vars(record).pop("fields", None):
            # Serve would put its own route, a prefix, and its own request id over these
            vars(record).update(fields, skip_context_filter=True, log_to_stderr=False)
        logging.getLogger(OF_SERVE).handle(record)


def log_through_serve() -> None:
    """Send every message of the library to Serve's log."""
    logger = logging.getLogger(OURS)
    logger.handlers, logger.propagate = [ServeHandler()], False
    logger.setLevel(logging.INFO)
