"""What the newest stored bars forecast: a request to `score`, as every caller's, and its answer as a page needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from lockstep.bundles.interval import list_evaluated_levels
from lockstep.bundles.registry import Registry
from lockstep.bundles.series import as_series
from lockstep.doors.answers import LOWER_CLOSE, PROBA_COLUMN, UPPER_CLOSE, describe_frame
from lockstep.doors.frame import JSON_CELLS, Frame
from lockstep.doors.stored import write_frame
from lockstep.predict.intervals import Levels
from lockstep.report_card.card import SHOWN_LEVEL
from lockstep.scoring.score import Answer, ScoringRequest, score
from lockstep.web.console.choosing import Choice


@dataclass(frozen=True)
class Bound:
    """The interval of a close at one level, in percent."""

    level: int
    lo: float
    hi: float


@dataclass(frozen=True)
class Ahead:
    """What is forecast of a session to come, from the stored bar of a date and its close.

    `session` is its date, None beyond the calendar. `price` is the forecast as a close, None unless a return is
    forecast. `probability` is that of the forecast label, None without one. `bounds` are in the order of their levels.
    """

    date: str
    close: float
    session: str | None
    forecast: float | str
    price: float | None
    naive: float | str
    probability: float | None
    bounds: tuple[Bound, ...]

    @property
    def bound(self) -> Bound | None:
        """Return the interval of the level that charts and figures show, None if there is none."""
        return next((each for each in self.bounds if each.level == SHOWN_LEVEL), None)


def forecast_stored(registry: Registry, choice: Choice) -> Answer:
    """Return what the newest stored bars of a series forecast; raise a `LockstepError`.

    Of a model that looks some bars ahead they are as many: each session to come is forecast from a bar of its own.
    """
    bundle, version = as_series(choice.answers.bundle), choice.version
    newest = bundle.bars.select(slice(-bundle.manifest.horizon_bars, None))
    posted, levels = msgspec.convert(write_frame(newest), Frame), list_evaluated_levels(bundle.manifest)
    named = (version.name, version.version, choice.symbol)
    return score(registry, ScoringRequest(posted, JSON_CELLS, len(newest), *named, levels=levels))


def list_ahead(answer: Answer) -> tuple[Ahead, ...]:
    """Return the sessions to come, the nearest first."""
    frame = describe_frame(as_series(answer.served.bundle), answer)
    return tuple(_read_row(dict(zip(frame.columns, row, strict=True)), answer.levels) for row in frame.data)


def _read_row(cells: Mapping[str, Any], levels: Levels) -> Ahead:
    bounds = (Bound(each, cells[LOWER_CLOSE.format(each)], cells[UPPER_CLOSE.format(each)]) for each in sorted(levels))
    return Ahead(
        cells["date"],
        cells["close"],
        cells["forecast_date"],
        cells["y_pred"],
        cells["close_pred"],
        cells["naive"],
        cells.get(PROBA_COLUMN.format(cells["y_pred"])),
        tuple(bounds),
    )
