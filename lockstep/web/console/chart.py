"""The chart of a series: its newest closes, the intervals that they came true in or not, and the sessions to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from lockstep.bundles.entries import RETURN
from lockstep.bundles.evaluation import FORECAST_DATE
from lockstep.bundles.series import SeriesBundle
from lockstep.data.bars import Array
from lockstep.report_card.card import Fan, ReportCard
from lockstep.report_card.digits import show_price
from lockstep.report_card.drawing import AXIS_HEIGHT, RAISED, WIDTH, Plot, draw, write_text
from lockstep.report_card.scale import Scale, make_scale
from lockstep.report_card.time_drawings import mark_axes, number_dates
from lockstep.web.console.outlook import Ahead

SHOWN_BARS = 120
ROWS_AHEAD = 12
"""As much room as this many sessions is for those to come: an interval is seen that is wider than a line."""
HEIGHT = 300.0
BELOW = 16.0
"""How far a text hangs below its point."""
Pairs = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class SeriesChart:
    """What is drawn, oldest first: dates and closes, and what was forecast of them, each (n,), NaN where nothing was.

    `naive` is no change, `model` the forecast as a close; `lo` and `hi` are the interval of `level`. `missed` are the
    places of the closes outside of theirs. `ahead` are the sessions to come whose prices are known.
    """

    level: int | None
    dates: list[str]
    close: Array
    naive: Array
    model: Array
    lo: Array
    hi: Array
    missed: list[int]
    ahead: tuple[Ahead, ...]

    @property
    def says(self) -> str:
        """Return what is drawn, in a sentence."""
        lowest, highest = (show_price(float(each)) for each in (self.close.min(), self.close.max()))
        return f"{len(self.dates)} closes from {self.dates[0]} to {self.dates[-1]}, between {lowest} and {highest}."

    @property
    def places_ahead(self) -> list[float]:
        """Return where the sessions to come lie along the axis, on which stored bars are whole numbers from 0 on."""
        step = ROWS_AHEAD / max(len(self.ahead), 1)
        return [len(self.dates) - 1 + step * (place + 1) for place in range(len(self.ahead))]


def chart_series(bundle: SeriesBundle, card: ReportCard, ahead: Sequence[Ahead]) -> SeriesChart:
    """Return the newest closes of a bundle with the intervals of its card, and what is ahead."""
    newest = bundle.bars.select(slice(-SHOWN_BARS, None))
    dates = newest.dates.astype(str).tolist()
    forecasts, intervals = (_look_up(each, dates) for each in (_read_forecasts(bundle), _read_intervals(card.fan)))
    missed = [place for place, date in enumerate(dates) if card.fan and date in card.fan.misses]
    priced = tuple(each for each in ahead if each.price is not None)
    level = card.fan.level if card.fan else None
    return SeriesChart(level, dates, newest.close, *forecasts, *intervals, missed, priced)


def _read_forecasts(bundle: SeriesBundle) -> Pairs:
    """Return no change and the model's close by the date that the evaluation has them of; none but of returns."""
    if bundle.manifest.target != RETURN:
        return {}
    evaluation = bundle.evaluation
    prices = zip(evaluation.close.tolist(), (evaluation.close * evaluation.y_pred).tolist(), strict=True)
    return dict(zip(evaluation.cells[FORECAST_DATE].astype(str).tolist(), prices, strict=True))


def _read_intervals(fan: Fan | None) -> Pairs:
    """Return the bounds of the level of charts by date."""
    for bound in fan.bounds if fan else ():
        if fan and bound.level == fan.level:
            return dict(zip(fan.dates, zip(bound.lo, bound.hi, strict=True), strict=True))
    return {}


def _look_up(known: Pairs, dates: Sequence[str]) -> tuple[Array, Array]:
    """Return the two numbers of each date, NaN where there are none, each (n,)."""
    found = np.array([known.get(date, (np.nan, np.nan)) for date in dates])
    return found[:, 0], found[:, 1]


def draw_series(chart: SeriesChart, label: str) -> Element:
    """Return the drawing; `label` is the id of the sentence that describes it."""
    days, last = number_dates(chart.dates), float(chart.close[-1])
    edges = [edge for each in chart.ahead for bound in each.bounds for edge in (bound.lo, bound.hi)]
    prices = [price for each in chart.ahead for price in (each.close, each.price or each.close)]
    y = make_scale(HEIGHT, chart.close, chart.lo, chart.hi, edges, prices, is_up=True)
    beside = float(ROWS_AHEAD) if chart.ahead else 0.0
    plot = Plot(Scale(0.0, max(days.size - 1 + beside, 1.0), WIDTH), y)
    named = chart.dates[: 1 - ROWS_AHEAD] if chart.ahead else chart.dates  # the newest session ahead is named beside
    shapes, texts = mark_axes(plot, named, is_percent=False)
    known = np.isfinite(chart.lo)
    bands = [plot.area("past", days[known], chart.lo[known], chart.hi[known])] if known.any() else []
    missed = plot.marks("miss", days[chart.missed], chart.close[chart.missed])
    closes = [plot.line("close", days, chart.close), missed]
    fan, names = _draw_ahead(plot, chart, (float(days[-1]), last)) if chart.ahead else ([], [])
    return draw(plot, label, [*shapes, *bands, *fan, *closes], [*texts, *names])


def _draw_ahead(plot: Plot, chart: SeriesChart, newest: tuple[float, float]) -> tuple[list[Element], list[Element]]:
    """Return the fan that opens from the newest close, no change, the forecasts, and the texts at the farthest one."""
    (x, close), ahead, farthest = newest, chart.ahead, chart.ahead[-1]
    places = np.array([x, *chart.places_ahead])
    shapes = []
    for bounds in reversed(list(zip(*(each.bounds for each in ahead), strict=True))):
        edges = np.array([[close, *(bound.lo for bound in bounds)], [close, *(bound.hi for bound in bounds)]])
        shapes.append(plot.area(f"fan{bounds[0].level}", places, *edges))
    shapes.append(plot.line("naive", places, np.array([close, *(each.close for each in ahead)])))
    shapes.append(plot.marks("forecast", places[1:], np.array([each.price for each in ahead], float)))
    bottom = plot.y.length + AXIS_HEIGHT - 8
    texts = [write_text("tick", plot.x.place_one(places[-1]), bottom, farthest.session or "")]
    if bound := farthest.bound:
        for price, shift in ((bound.hi, -RAISED), (bound.lo, BELOW)):
            texts.append(write_text("label", WIDTH, plot.y.place_one(price) + shift, show_price(price)))
    return shapes, texts
