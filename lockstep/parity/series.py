"""A model of a series and the service that should forecast as it does."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.registry import Registry
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Bars
from lockstep.data.price_files.cells import SYMBOL
from lockstep.data.schema import NumberedBars, normalise_column
from lockstep.parity.bodies import split_frame
from lockstep.parity.callers import TYPED, UNTYPED, draw_headers
from lockstep.parity.doors.sheet import Sheet
from lockstep.parity.draws import Draws
from lockstep.parity.forms import draw_form, read_bars, spell_columns, write_bars
from lockstep.parity.local import FORECAST, PLAIN, LocalService, hold_bundle
from lockstep.parity.options import draw_levels, draw_options, write_levels
from lockstep.parity.posted import History, Posted, Sent, Trace
from lockstep.parity.spelling import draw_layout
from lockstep.parity.subject import Subject
from lockstep.parity.wish import Wish
from lockstep.predict.intervals import Levels

LARGEST_CHANGE = 0.2
ROW_BYTES = 320
"""More than seven numbers of 25 characters, a date, an index label, and the space around them."""


@dataclass(frozen=True)
class SeriesSubject(Subject):
    """A service and the bundle of a series: bars are posted, with their dates as keys.

    If it is a series of a `panel`, each request names its symbol.
    """

    bundle: SeriesBundle
    panel: PanelBundle | None = None

    route: ClassVar[str] = FORECAST
    most_rows: ClassVar[int] = 8191

    @cached_property
    def tested(self) -> Bars:
        """Return the bars of the evaluation's dates, oldest first."""
        return self.bundle.test_bars

    @property
    def own_paths(self) -> tuple[str, ...]:
        """Return the routes; the plain one forecasts the default only."""
        return (FORECAST, PLAIN) if self.is_default and self.panel is None else (FORECAST,)

    @property
    def series_name(self) -> dict[str, str]:
        """Return the member that names the series, if it is one of a panel."""
        return {} if self.panel is None else {SYMBOL: self.bundle.manifest.symbol}

    @cached_property
    def local(self) -> LocalService:
        """Return this side's own doors; around the panel, if this is a series of one."""
        if self.panel is None:
            return super().local
        picked, whole = (hold_bundle(each, self.served) for each in (self.bundle, self.panel))
        return LocalService(picked, self.limits.max_rows, Registry((whole,), whole))

    @property
    def row_bytes(self) -> int:
        """Return more bytes than any bar takes in a body."""
        return ROW_BYTES

    @property
    def look_back(self) -> int:
        """Return how many bars a row needs before it."""
        return self.bundle.lookback_bars - 1

    @cached_property
    def forecastable(self) -> Bars:
        """Return the stored bars that have their look-back before them."""
        return self.bundle.bars.select(slice(self.look_back, None))

    def list_keys(self, rows: Bars) -> list[str]:
        """Return the dates of the bars."""
        return rows.dates.astype(str).tolist()

    def list_records(self, rows: Bars) -> list[dict[str, Any]]:
        """Return the bars as objects from column to cell."""
        frame = split_frame(rows)
        return [dict(zip(frame["columns"], row, strict=True)) for row in frame["data"]]

    def number(self, rows: Bars) -> NumberedBars:
        """Return the bars with the numbers of their sessions."""
        return NumberedBars(rows, self.bundle.calendar.session_numbers(rows.dates))

    def change(self, rows: Bars, draws: Draws) -> Bars:
        """Return bars of the same dates with other prices and volumes; see `change_bars`."""
        return change_bars(rows, draws)

    def draw_old(self, draws: Draws) -> Bars:
        """Return a piece of the stored bars, with gaps or without, as they are or changed."""
        bars = draw_piece(self.forecastable, draws, self.max_rows)
        if draws.chance(4):
            bars = bars.select(np.sort(draws.permute(len(bars))[: draws.size(len(bars))]))
        return change_bars(bars, draws) if draws.chance(3) else bars

    def find_unchanged(self, rows: Bars) -> NDArray[np.bool_]:
        """Return which bars are stored ones, as are all that are posted before them."""
        stored = self.bundle.bars
        places = np.searchsorted(stored.dates, rows.dates).clip(max=len(stored) - 1)
        differs = (stored.dates[places] != rows.dates) | (stored.values[:, places] != rows.values).any(axis=0)
        return np.asarray(rows.dates < rows.dates[differs].min()) if differs.any() else ~differs

    def spell(self, rows: Bars, draws: Draws, wish: Wish) -> Sheet:
        """Return the bars in a spelling that is drawn as far as `wish` allows, in any order."""
        if not wish.keeps_order and draws.chance(3):
            rows = rows.select(draws.permute(len(rows)))
        adjusts, layout = self.bundle.schema.adjusts, draw_layout(draws)
        spelled = spell_columns(rows, draw_form(draws, rows, wish), adjusts)
        columns = {normalise_column(name): texts for name, texts in spelled.items()}
        cells = [list(row) for row in zip(*columns.values(), strict=True)]
        text = layout.write_list([layout.write_list(row) for row in cells])
        said = read_bars({"columns": list(columns), "data": json.loads(text)}, adjusts)
        return Sheet(said, tuple(columns), cells, layout)

    def write_own(self, rows: Bars, draws: Draws, wish: Wish) -> Posted:
        """Return the request that posts the bars to one of our own routes."""
        # twice as often the route that shows stages; the plain one has no history to choose
        path = draws.choose(wish.paths or ((*self.own_paths, FORECAST) if wish.history == "stored" else (FORECAST,)))
        trace = draws.choose(wish.traces) if path == FORECAST else None
        if not wish.keeps_order and draws.chance(3):
            rows = rows.select(draws.permute(len(rows)))
        adjusts, layout = self.bundle.schema.adjusts, draw_layout(draws)
        form = draw_form(draws, rows, wish)
        frame = write_bars(rows, form, layout, adjusts)
        text = layout.write_object(frame)
        members = dict(frame)
        if path == FORECAST:
            members = {"dataframe_split": text} if draws.chance(2) else members
            members |= draw_options(self, draws, trace)
            if wish.history == "none" or draws.chance(2):
                members["history"] = json.dumps(wish.history)
        levels = draw_levels(self.bundle, draws) if path == FORECAST else ()
        if levels is not None and path == FORECAST:
            members["level"] = write_levels(levels, draws)
        body = layout.write_object(members).encode()
        types = (*TYPED, *UNTYPED) if path == PLAIN else TYPED
        sent = Sent(path, body, trace, draw_headers(draws, types), levels)
        return Posted(read_bars(json.loads(text), adjusts), sent, wish.history, wish.is_anchored, wish.before)

    def write_body(self, rows: Bars, history: History, trace: Trace | None, levels: Levels | None = None) -> bytes:
        """Return the body that posts the bars in the plainest form, with the model and version that are asked."""
        names = {**self.client.named, **self.series_name}
        body = {"dataframe_split": split_frame(rows), "history": history, **names}
        options = {name: value for name, value in (("trace", trace), ("level", levels)) if value is not None}
        return msgspec.json.encode({**body, **options})

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the names of the features."""
        return self.bundle.forecaster.feature_set.columns


def draw_piece(bars: Bars, draws: Draws, max_rows: int) -> Bars:
    """Return some bars that follow each other; the newest are among them more often than the others."""
    size = draws.size(min(len(bars), max_rows))
    first = len(bars) - size if draws.chance(4) else draws.below(len(bars) - size + 1)
    return bars.select(slice(first, first + size))


def change_bars(bars: Bars, draws: Draws) -> Bars:
    """Return bars of the same dates whose prices and volumes are all changed by up to a fifth."""
    change = draws.uniform(-LARGEST_CHANGE, LARGEST_CHANGE, bars.values.size).reshape(bars.values.shape)
    values = bars.values * (1.0 + change)
    values[1], values[2] = values[:4].max(axis=0), values[:4].min(axis=0)
    return Bars(bars.dates, values)
