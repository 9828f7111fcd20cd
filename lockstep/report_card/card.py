"""What a report card holds, as `GET /v1/models/{model}/report` answers it; the page shows nothing else.

Shares, returns and errors of returns are fractions: 0.8 is 80 %. Dates are those that a row forecasts. `says` is a
chart in words. Its lists have one value for each mark; of more than `MAX_MARKS` rows, evenly spaced ones are marked.
"""

from typing import Literal

import msgspec

from lockstep.bundles.interval_scores import IntervalScores
from lockstep.bundles.selections import SelectionEntry
from lockstep.bundles.verdicts import NaiveComparison
from lockstep.worth.conformal import ConformalCoverage
from lockstep.worth.reliability import Reliability

MAX_MARKS = 5000
SHOWN_LEVEL = 80
"""The level of charts and figures; the tables have all."""


class Verdict(msgspec.Struct, frozen=True):
    """What the model is worth, in words: the verdict of the manifest, and what the test rows say.

    A model without a verdict has no `word`, and none of the comparisons that it follows from. What serves no change has
    no `tested`.
    """

    word: str | None
    says: str | None
    tested: str | None
    walk_forward: NaiveComparison | None = None
    test: NaiveComparison | None = None


class Coverage(msgspec.Struct, frozen=True):
    """Which share of the last `window` intervals held, on each date; `chance` are the bounds that luck allows it."""

    says: str
    level: int
    window: int
    chance: tuple[float, float] | None
    dates: list[str]
    shares: list[float]


class Errors(msgspec.Struct, frozen=True):
    """The absolute errors, or wrong labels, of all rows up to each date, added up; `naive` is the name of the other."""

    says: str
    naive: str
    dates: list[str]
    model_total: list[float]
    naive_total: list[float]


class Bounds(msgspec.Struct, frozen=True):
    """The lower and the upper bounds of the closes, at one level."""

    level: int
    lo: list[float]
    hi: list[float]


class Fan(msgspec.Struct, frozen=True):
    """The newest intervals, and what came true; `close` is null for sessions to come.

    `close_pred` is what the model forecast. `misses` are the dates whose close lies outside of the interval of `level`.
    """

    says: str
    level: int
    dates: list[str]
    close: list[float | None]
    close_pred: list[float]
    bounds: list[Bounds]
    misses: list[str]


class Against(msgspec.Struct, frozen=True):
    """Predicted and realised numbers, one of each for each row.

    `naive` is what the naive predictor always answers. `half_width` is that of the interval around each prediction, if
    it has one width.
    """

    says: str
    naive: float
    realised: list[float]
    predicted: list[float]
    half_width: float | None = None
    level: int | None = None


class Widths(msgspec.Struct, frozen=True):
    """How far each interval of a level reached from "no change", and how far the price then moved."""

    says: str
    level: int
    half_width: list[float]
    move: list[float]


class Counts(msgspec.Struct, frozen=True):
    """How many rows have each pair of labels: a row for each realised label, a column for each predicted one."""

    says: str
    labels: list[str]
    rows: list[list[int]]


class Year(msgspec.Struct, frozen=True):
    """One year of the test rows: mean absolute errors, or the share of wrong labels, and the coverage."""

    year: str
    rows: int
    model: float
    naive: float
    coverage: float | None


class Score(msgspec.Struct, frozen=True):
    """One score by predictor, the model first; null for a predictor without it."""

    name: str
    values: dict[str, float | None]


class Fact(msgspec.Struct, frozen=True):
    """One line of what the model is."""

    name: str
    value: str


class ReportCard(msgspec.Struct, frozen=True, kw_only=True):
    """What the forecasts of one version of a model are worth, and what the version is.

    What a model does not have is null, and `missing` says why.
    """

    model: str
    version: int
    title: str
    kind: Literal["series", "table"]
    unit: Literal["return", "target", "label"]
    digest: str
    rows: int
    verdict: Verdict
    coverage: Coverage | None = None
    errors: Errors | None = None
    fan: Fan | None = None
    against: Against | None = None
    widths: Widths | None = None
    counts: Counts | None = None
    reliability: list[Reliability] = []
    years: list[Year] = []
    scores: list[Score]
    intervals: IntervalScores | None = None
    conformal: list[ConformalCoverage] = []
    selection: SelectionEntry | None = None
    facts: list[Fact]
    missing: list[str] = []
