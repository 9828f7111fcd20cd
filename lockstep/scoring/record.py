"""The record of one request: what its line in the log and the metrics say of it."""

import logging
import time
from dataclasses import dataclass, field

from lockstep.bundles.registry import Served

requests_log = logging.getLogger("lockstep.request")
"""Where the line of each request goes, whoever refuses or answers it."""

UNKNOWN_ROUTE = "unknown"
STAGES = ("read", "parse", "forecast", "render")
"""The body off the socket, the body to bars, bars to predictions, predictions to bytes."""


@dataclass
class RequestRecord:
    """What is known of a request so far; not frozen, because each part of the answer adds what it learns.

    `route` is the rule, never the path; `key` the name of the key that was accepted; `served` the version that the
    request chose, None if it did not get so far; `rows` as posted; `model` and `digest` those of the version that the
    answer names, chosen or not, None if several answered; `stages_s` the seconds of each stage that came to its end.
    `shares` are the rows of each version that a request of many series chose, `served` is then that of the only one.
    """

    method: str = "POST"
    route: str = UNKNOWN_ROUTE
    request_id: str = ""
    key: str | None = None
    served: Served | None = None
    shares: dict[str, tuple[Served, int]] = field(default_factory=dict)
    rows: int | None = None
    status: int | None = None
    code: str | None = None
    model: str | None = None
    digest: str | None = None
    duration_s: float = 0.0
    stages_s: dict[str, float] = field(default_factory=dict)
    _started_s: float = field(default_factory=time.perf_counter)
    _stage_started_s: float = field(default_factory=time.perf_counter)

    def begin_stages(self) -> None:
        """Start the clock of the first stage."""
        self._stage_started_s = time.perf_counter()

    def end_stage(self, stage: str) -> None:
        """Take the time since the stage before as this stage's."""
        now_s = time.perf_counter()
        self.stages_s[stage] = now_s - self._stage_started_s
        self._stage_started_s = now_s

    def end(self) -> None:
        """Take the time since the record was made as the whole request's."""
        self.duration_s = time.perf_counter() - self._started_s

    def add_part(self, part: "RequestRecord") -> None:
        """Add what is known of the rows of one series, and start the clock of the next stage."""
        if part.served is not None and part.rows is not None:
            version = str(part.served)
            _, rows = self.shares.get(version, (part.served, 0))
            self.shares[version] = (part.served, rows + part.rows)
            self.served = part.served if len(self.shares) == 1 else None
        for stage, seconds in part.stages_s.items():
            self.stages_s[stage] = self.stages_s.get(stage, 0.0) + seconds
        self.begin_stages()

    def count_rows(self) -> list[tuple[Served, int]]:
        """Return each version that the request chose, and how many of its rows."""
        if self.shares or self.served is None or self.rows is None:
            return list(self.shares.values())
        return [(self.served, self.rows)]

    def fields(self) -> dict[str, object]:
        """Return the members of the line in the log."""
        return {
            "request_id": self.request_id,
            "key": self.key,
            "route": self.route,
            "method": self.method,
            "rows": self.rows,
            "status": self.status,
            "code": self.code,
            "duration_ms": round(self.duration_s * 1000, 3),
            "model": self.model,
            "digest": self.digest,
        }
