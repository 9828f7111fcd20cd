"""Where it broke: the first stage, row and feature in which a service differs from the local forecast."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from models.forecast import Forecast
from models.trace import STAGES
from parity.client import UnexpectedAnswer, split_frame
from parity.compare import Comparison, ulp_distance
from parity.subject import Subject

BY_FEATURE = ("features", "scaled")


@dataclass(frozen=True)
class Location:
    """Hold the first value that differs; `feature` is empty for the stages that are one number a row.

    `threshold_ulp` is how far, in float32 steps, the local row is from the nearest threshold on its path that
    reads the feature; None where the path reads it nowhere. `curl` posts the row alone.
    """

    date: str
    stage: str
    feature: str
    local: float
    served: float
    threshold_ulp: int | None
    curl: str

    @property
    def ulp(self) -> int | None:
        """Return how many float64 lie between the two values."""
        return ulp_distance(self.local, self.served)

    def __str__(self) -> str:
        where = f"{self.date}, stage {self.stage}" + (f", feature {self.feature}" if self.feature else "")
        distance = "" if self.ulp is None else f", {self.ulp} ULP apart"
        near = "" if self.threshold_ulp is None else f"; nearest threshold {self.threshold_ulp} float32 ULP away"
        return (
            f"first differs at {where}: local {self.local!r}, served {self.served!r}{distance}{near}\n    {self.curl}"
        )


def locate(subject: Subject, comparison: Comparison) -> Location | None:
    """Return where the service's forecast of the posted bars first differs, None where its values do not tell."""
    bars = comparison.bars
    if bars is None:
        return None
    local = subject.forecast(bars, comparison.history)
    try:
        trace = subject.client.forecast_values(bars, comparison.history)
        rows = [trace["rows"].index(row) for row in local.rows.tolist()]
        served = {stage: np.array(trace[stage], dtype=np.float64)[rows] for stage in STAGES}
    except (UnexpectedAnswer, KeyError, TypeError, ValueError, IndexError):
        return None
    for stage in STAGES:
        expected = getattr(local, stage).astype(np.float64)
        if expected.shape != served[stage].shape:
            return None
        places = np.argwhere(expected.view(np.int64) != served[stage].view(np.int64))
        if places.size:
            place = tuple(places[0].tolist())
            values = float(expected[place]), float(served[stage][place])
            return _describe(subject, local, str(bars.dates[local.rows[place[0]]]), (stage, *place), values)
    return None


def _describe(
    subject: Subject, local: Forecast, date: str, place: tuple[Any, ...], values: tuple[float, float]
) -> Location:
    stage, row, *column = place
    forecaster = subject.bundle.forecaster
    feature, distance = "", None
    if stage in BY_FEATURE:
        feature = forecaster.feature_set.columns[column[0]]
        distance = forecaster.threshold_distance(local.scaled[row], column[0])
    return Location(date, stage, feature, *values, distance, _write_curl(subject, date))


def _write_curl(subject: Subject, date: str) -> str:
    bars = subject.bundle.bars
    row = bars.select(np.flatnonzero(bars.dates == np.datetime64(date)))
    body = msgspec.json.encode({"dataframe_split": split_frame(row), "trace": "values"}).decode()
    key = ' -H "x-api-key: $LOCKSTEP_API_KEY"' if subject.client.api_key else ""
    return f"curl -s {subject.client.url}/v1/forecast -H 'Content-Type: application/json'{key} -d '{body}'"
