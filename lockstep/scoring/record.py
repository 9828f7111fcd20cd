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
    answer names, chosen or not; `stages_s` the seconds of each stage that came to its end.
    """

    method: str = "POST"
    route: str = UNKNOWN_ROUTE
    request_id: str = ""
    key: str | None = None
    served: Served | None = None
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
