"""The parts of a manifest."""

import datetime
from typing import Literal

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from lockstep.bundles.interval_scores import IntervalScores
from lockstep.data.bars import Adjusts
from lockstep.data.calendar import Calendar
from lockstep.data.schema import BarsSchema
from lockstep.errors import InvalidBundle
from lockstep.features.feature_set import FeatureSet
from lockstep.predict.intervals import EVALUATED_LEVELS, MAX_HORIZON_BARS, RollingInterval

MAX_YEARS = 300
ROLLING: Literal["rolling-conformal"] = "rolling-conformal"
"""The method of the intervals of a series."""
RETURN, DIRECTION = "return", "direction"
"""The targets that Lockstep brings; any other is named after the user's function."""
UP, DOWN = "up", "down"
"""The labels of a direction; a close that has not changed is `DOWN`."""


class CalendarEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A description of a trading calendar; see `lockstep.data.calendar.Calendar`."""

    name: str
    weekmask: str
    first: str
    last: str
    holidays: list[str]

    @classmethod
    def describe(cls, calendar: Calendar) -> "CalendarEntry":
        """Return the entry of a calendar."""
        holidays = calendar.holidays.astype(str).tolist()
        return cls(calendar.name, calendar.weekmask, str(calendar.first), str(calendar.last), holidays)

    def build(self) -> Calendar:
        """Return the calendar of the entry."""
        first, last, *holidays = (datetime.date.fromisoformat(day) for day in (self.first, self.last, *self.holidays))
        if not 0 <= last.year - first.year <= MAX_YEARS:
            raise InvalidBundle(f"the calendar runs from {first} to {last}; expected at most {MAX_YEARS} years")
        days = np.array([first, last, *holidays], "datetime64[D]")
        return Calendar(self.name, self.weekmask, days[0], days[1], days[2:])


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first and the last bar of a stretch of bars, and how many there are."""

    first: str
    last: str
    rows: int


class SchemaEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A description of what the model reads; see `lockstep.data.schema.BarsSchema`."""

    kind: Literal["bars"]
    adjusts: Adjusts
    calendar: CalendarEntry
    reads_volume: bool = True

    @classmethod
    def describe(cls, calendar: Calendar, features: FeatureSet) -> "SchemaEntry":
        """Return the entry of the bars that a feature set reads."""
        return cls("bars", features.adjusts, CalendarEntry.describe(calendar), features.reads_volume)

    def build(self, calendar: Calendar) -> BarsSchema:
        """Return the schema of the entry, whose calendar is built already."""
        return BarsSchema(calendar, self.adjusts, self.reads_volume)


class FeatureSetEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The identity of a feature set (name, columns, look-back), what it reads, and the digest of its source."""

    name: str
    columns: list[str]
    lookback_bars: int
    whole_history: bool
    source_sha256: str


class IntervalEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The interval of a model of returns; see `lockstep.predict.intervals`.

    `lookback_bars` is how many bars the interval of a row reads. `levels` are those of the evaluation. It is
    `experimental` beyond the horizons for which it was shown to be worth having. Older bundles have no `scores`.
    """

    method: Literal["rolling-conformal"]
    center: Literal["no change"]
    lookback_bars: int
    scale_values: int
    windows: int
    levels: list[int]
    experimental: bool
    scores: IntervalScores | UnsetType = UNSET

    @classmethod
    def describe(cls, interval: RollingInterval) -> "IntervalEntry":
        """Return the entry of an interval, without scores."""
        is_experimental = interval.horizon_bars > MAX_HORIZON_BARS
        read = (interval.lookback_bars, interval.scale_values, interval.windows)
        return cls(ROLLING, "no change", *read, list(EVALUATED_LEVELS), is_experimental)


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fitted object of the model, in the order of use: its class and what it was made with."""

    estimator: str
    parameters: dict[str, int | float | str | bool | None]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The price file that a bundle was trained from."""

    file: str
    sha256: str
