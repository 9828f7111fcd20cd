"""Where it broke: the first stage, row and feature in which a service differs from what is expected of it."""

import shlex
import tempfile
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.data.bits import same_bits, ulp_distance
from lockstep.errors import MissingBars
from lockstep.parity.answers import UnexpectedAnswer
from lockstep.parity.client import ServiceClient, split_frame
from lockstep.parity.compare import Comparison, Posted
from lockstep.parity.subject import Reference, Subject
from lockstep.parity.thresholds import measure_threshold

BY_FEATURE = ("features", "scaled")


@dataclass(frozen=True)
class Location:
    """The first value that differs; `feature` is empty for the stages that are one number a row.

    `threshold_ulp` is how far, in float32 steps, the local row is from the nearest threshold on its path that
    reads the feature; None where the path reads it nowhere. `differing` counts the rows that differ, by stage and
    feature, of the request that showed it; `curl` sends that request again, or a smaller one that shows it too.
    """

    date: str
    stage: str
    feature: str
    local: float
    served: float
    threshold_ulp: int | None
    differing: dict[str, dict[str, int]]
    curl: str

    @property
    def ulp(self) -> int | None:
        """Return how many float64 lie between the two values."""
        return ulp_distance(self.local, self.served)

    def __str__(self) -> str:
        where = f"{self.date}, stage {self.stage}" + (f", feature {self.feature}" if self.feature else "")
        distance = "" if self.ulp is None else f", {self.ulp} ULP apart"
        near = "" if self.threshold_ulp is None else f"; nearest threshold {self.threshold_ulp} float32 ULP away"
        lines = [f"first differs at {where}: local {self.local!r}, served {self.served!r}{distance}{near}"]
        if len(counts := self.differing[self.stage]) > 1:
            named = ", ".join(f"{name} ({rows})" for name, rows in counts.items())
            lines.append(f"features that differ, and in how many rows: {named}")
        return "\n    ".join([*lines, self.curl])


@dataclass(frozen=True)
class _Sides:
    """The stages of the same rows as expected and as served, and which values of them have other bits."""

    reference: Reference
    served: dict[str, NDArray[np.float64]]

    def local(self, stage: str) -> NDArray[np.float64]:
        return np.asarray(self.reference.forecast.stages[stage], dtype=np.float64)

    def differing(self, stage: str) -> NDArray[np.bool_]:
        return ~same_bits(self.local(stage), self.served[stage])

    @property
    def first_stage(self) -> str | None:
        return next((stage for stage in self.served if self.differing(stage).any()), None)


def locate(subject: Subject, comparison: Comparison) -> Location | None:
    """Return where the service's forecast of what was posted first differs, None where its values do not tell."""
    if comparison.posted is None:
        return None
    sides = _read_sides(subject, comparison.posted)
    if sides is None or sides.first_stage is None:
        return None
    return _describe(subject, comparison.posted, sides, sides.first_stage)


def _read_sides(subject: Subject, posted: Posted) -> _Sides | None:
    """Post once more, asking for values; None where the service does not tell one for each that is expected."""
    reference = subject.expect(posted)
    dates = posted.bars.dates.astype(str).tolist()
    try:
        trace = subject.client.forecast_values(posted.bars, posted.history)
        rows = [trace["rows"].index(dates.index(date)) for date in reference.dates]
        served = {stage: np.array(trace[stage], dtype=np.float64)[rows] for stage in subject.stages}
    except (UnexpectedAnswer, AttributeError, KeyError, TypeError, ValueError, IndexError, OverflowError):
        return None
    fits = all(served[stage].shape == reference.forecast.stages[stage].shape for stage in subject.stages)
    return _Sides(reference, served) if fits else None


def _describe(subject: Subject, posted: Posted, sides: _Sides, stage: str) -> Location:
    columns = subject.bundle.forecaster.feature_set.columns
    row, *column = place = tuple(np.argwhere(sides.differing(stage))[0].tolist())
    feature, distance = "", None
    if stage in BY_FEATURE:
        feature = columns[column[0]]
        distance = measure_threshold(subject.bundle.model, sides.reference.forecast.stages["features"][row], column[0])
    date, values = sides.reference.dates[row], (float(sides.local(stage)[place]), float(sides.served[stage][place]))
    counts = {name: _count_rows(sides.differing(name), columns) for name in subject.stages}
    curl = _write_curl(subject, posted, date, {name: sides.served[name][row] for name in subject.stages})
    return Location(date, stage, feature, *values, distance, counts, curl)


def _count_rows(differs: NDArray[np.bool_], columns: tuple[str, ...]) -> dict[str, int]:
    """Return how many rows differ, by feature, or under the empty name for a stage of one number a row."""
    if differs.ndim == 1:
        return {"": int(differs.sum())} if differs.any() else {}
    counts = differs.sum(axis=0).tolist()
    return {name: count for name, count in zip(columns, counts, strict=True) if count}


def _write_curl(subject: Subject, posted: Posted, date: str, served: dict[str, NDArray[np.float64]]) -> str:
    """Return a command that shows what was `served`: with the one row where that is enough, else with a file."""
    row = posted.bars.select(np.flatnonzero(posted.bars.dates == np.datetime64(date)))
    alone = Posted(row, posted.history, None, posted.changed)
    try:
        sides = _read_sides(subject, alone)
    except MissingBars:
        sides = None  # the row needs others that were posted with it
    if sides and all(sides.served[name].tobytes() == served[name].tobytes() for name in subject.stages):
        return _format_curl(subject.client, shlex.quote(_write_body(subject.client, alone).decode()))
    with tempfile.NamedTemporaryFile(prefix="lockstep-parity-", suffix=".json", delete=False) as file:
        file.write(_write_body(subject.client, posted))
    return _format_curl(subject.client, f"@{shlex.quote(file.name)}")


def _write_body(client: ServiceClient, posted: Posted) -> bytes:
    frame = split_frame(posted.bars)
    return msgspec.json.encode({"dataframe_split": frame, "history": posted.history, "trace": "values", **client.named})


def _format_curl(client: ServiceClient, data: str) -> str:
    key = ' -H "x-api-key: $LOCKSTEP_API_KEY"' if client.api_key else ""
    return f"curl -s {client.url}/v1/forecast -H 'Content-Type: application/json'{key} -d {data}"
