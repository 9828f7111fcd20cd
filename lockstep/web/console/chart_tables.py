"""The tables behind the chart of a series: what it draws, as numbers; the script of the page reads them as well."""

from xml.etree.ElementTree import Element

import numpy as np

from lockstep.report_card.digits import show_price
from lockstep.report_card.tables import write_table
from lockstep.web.console.chart import SeriesChart

PAST, AHEAD = "past", "ahead"
"""What the script finds the tables by."""
NONE = "–"


def list_past(chart: SeriesChart) -> Element:
    """Return a row for each stored bar that is drawn, the newest first."""
    columns = {"close": chart.close, "no change": chart.naive, "model": chart.model, "from": chart.lo, "to": chart.hi}
    shown = {name: prices for name, prices in columns.items() if np.isfinite(prices).any()}
    outside = {f"{chart.level} %": {*chart.missed}} if "from" in shown else {}
    rows = (
        [
            chart.dates[place],
            *(_show(prices[place]) for prices in shown.values()),
            *("outside" if place in missed else "" for missed in outside.values()),
        ]
        for place in reversed(range(len(chart.dates)))
    )
    return _name(write_table(["date", *shown, *outside], rows, "model"), PAST)


def list_sessions(chart: SeriesChart) -> Element:
    """Return a row for each session to come: no change, the forecast, and the interval of each level."""
    head = ["session", "no change", "model", *(f"{bound.level} %" for bound in chart.ahead[0].bounds)]
    rows = (
        [
            each.session or "beyond the calendar",
            _show(each.close),
            _show(each.price),
            *(f"{_show(bound.lo)} to {_show(bound.hi)}" for bound in each.bounds),
        ]
        for each in chart.ahead
    )
    return _name(write_table(head, rows, "model"), AHEAD)


def _show(price: float | None) -> str:
    return NONE if price is None or np.isnan(price) else show_price(price)


def _name(wrapped: Element, rows: str) -> Element:
    wrapped.set("data-rows", rows)
    return wrapped
