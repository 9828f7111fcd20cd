"""How frames of many series are drawn: which series, how many rows of each, in which order, and which are bad."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from lockstep.data.bars import Bars
from lockstep.data.price_files.cells import SYMBOL
from lockstep.parity.bodies import split_frame
from lockstep.parity.callers import draw_headers
from lockstep.parity.draws import Draws
from lockstep.parity.local import FORECAST
from lockstep.parity.options import draw_levels, draw_names, write_levels
from lockstep.parity.panel import PanelSubject
from lockstep.parity.posted import History, Posted, Sent, Trace
from lockstep.parity.series import SeriesSubject, change_bars, draw_piece
from lockstep.parity.wish import TRACES
from lockstep.scoring.many_series import count_series

MOST_SERIES, MOST_OF_SOME, MOST_ROWS, MOST_BAD = 48, 7, 64, 3
WIDE, BAD = range(2)
"""The first requests: one row of as many series as may be, and the same with some series that cannot be answered."""


@dataclass(frozen=True)
class Frame:
    """A frame of many series: its request, and the bars of each series in the order posted, with their places."""

    sent: Sent
    history: History
    bars: dict[str, Bars]
    places: dict[str, list[int]]

    @property
    def n_rows(self) -> int:
        """Return how many rows the frame has."""
        return sum(map(len, self.places.values()))

    def post_alone(self, symbol: str) -> Posted:
        """Return the request of one series alone."""
        return Posted(self.bars[symbol], self.sent, self.history, is_anchored=True)


def draw_frame(subject: PanelSubject, draws: Draws) -> Frame:
    """Return a frame of some series, its rows in a random order; in some frames a series cannot be answered."""
    number, room = draws.origin.number, count_series(subject.limits.max_rows)
    count = MOST_SERIES if number <= BAD else 1 + draws.size(MOST_OF_SOME)
    symbols = subject.draw_symbols(draws.origin.check, number, min(count, room))
    most = max(1, subject.max_rows // len(symbols))
    is_alone = number > BAD and most > subject.look_back and draws.chance(3)
    history: History = "none" if is_alone else "stored"
    most = 1 if number <= BAD else min(most, subject.look_back * is_alone + MOST_ROWS)
    drawn = {symbol: _draw_bars(subject.pick(symbol), draws, most, history) for symbol in symbols}
    columns: list[str] = [SYMBOL, *split_frame(next(iter(drawn.values())))["columns"]]
    rows = [[symbol, *cells] for symbol, each in drawn.items() for cells in split_frame(each)["data"]]
    rows = [rows[place] for place in draws.permute(len(rows)).tolist()]
    places = {symbol: [place for place, row in enumerate(rows) if row[0] == symbol] for symbol in symbols}
    bars = {symbol: _order(drawn[symbol], [rows[place][1] for place in places[symbol]]) for symbol in symbols}
    if number == BAD or (number and draws.chance(3)):
        for symbol in symbols[: 1 + draws.below(min(MOST_BAD, len(symbols)))]:
            _spoil(rows, places[symbol], draws)
    return Frame(_write(subject, draws, columns, rows, history), history, bars, places)


def _draw_bars(picked: SeriesSubject, draws: Draws, most: int, history: History) -> Bars:
    """Return stored bars of a series, as they are or changed; with their look-back if the history is none."""
    if history == "none":
        size = draws.size(min(len(picked.tested), most - picked.look_back))
        return picked.bundle.bars.select(slice(-picked.look_back - size, None))
    piece = draw_piece(picked.tested if draws.chance(2) else picked.forecastable, draws, most)
    return change_bars(piece, draws) if draws.chance(3) else piece


def _order(bars: Bars, dates: list[str]) -> Bars:
    place_of = {date: place for place, date in enumerate(bars.dates.astype(str).tolist())}
    return bars.select(np.array([place_of[date] for date in dates], np.intp))


def _spoil(rows: list[list[Any]], places: list[int], draws: Draws) -> None:
    """Make one row of a series bad, or name another series in all of its rows, in place."""
    row = rows[draws.choose(places)]
    way = draws.below(3)
    if way == 0:
        row[2 + draws.below(4)] = str(row[2])
    elif way == 1:
        row[1] = f"2013-{draws.between(13, 99)}-01"
    else:
        unknown = f"no-{draws.below(10**6)}"
        for place in places:
            rows[place][0] = unknown


def _write(subject: PanelSubject, draws: Draws, columns: list[str], rows: list[list[Any]], history: History) -> Sent:
    order = draws.permute(len(columns)).tolist()
    frame = {
        "columns": [columns[place] for place in order],
        "data": [[row[place] for place in order] for row in rows],
    }
    members: dict[str, Any] = {"dataframe_split": frame} if draws.chance(2) else frame
    names = {name: value for name, value in draw_names(subject, draws).items() if name != SYMBOL}
    trace: Trace | None = draws.choose(TRACES) if subject.demand.is_exact else None
    levels = draw_levels(subject.bundle, draws)
    members |= names | ({"trace": trace} if trace else {}) | ({} if history == "stored" else {"history": history})
    body = msgspec.json.encode(members)
    if levels is not None:
        body = body[:-1] + f',"level":{write_levels(levels, draws)}}}'.encode()
    return Sent(FORECAST, body, trace, draw_headers(draws), levels)
