"""Drawings over time: the rows of a series, one after another."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from lockstep.data.bars import Array
from lockstep.report_card.card import Coverage, Errors, Fan
from lockstep.report_card.drawing import WIDTH, Plot, draw, mark_days, mark_levels, write_text
from lockstep.report_card.scale import Scale, make_scale
from lockstep.report_card.shown import show_error
from lockstep.report_card.ticks import label_ticks

HEIGHT, FAN_HEIGHT = 220.0, 290.0
ABOVE_LINE, BELOW_LINE = -8.0, 26.0
"""Where the name of a line stands beside its end."""
ROWS_BESIDE = 2.0
"""So many rows of the fan's width stay free at its right."""


def draw_coverage(chart: Coverage, label: str) -> Element:
    """Return the rolling coverage, the band of chance, and the level that is aimed at."""
    shares, days, level = np.array(chart.shares), number_dates(chart.dates), chart.level / 100
    plot = Plot(_along(chart.dates), make_scale(HEIGHT, shares, [level], chart.chance or (), is_up=True))
    shapes, texts = mark_axes(plot, chart.dates, is_percent=True)
    if chart.chance:
        low, high = (np.full(days.size, bound) for bound in chart.chance)
        shapes.insert(0, plot.area("chance", days, low, high))
        texts.append(plot.text("label", days[-1], chart.chance[1], "chance: 95 of 100 within"))
    shapes += [plot.rule("promised", level), plot.line("model", days, shares)]
    texts.append(plot.text("label", days[-1], level, f"{chart.level} % is the aim"))
    return draw(plot, label, shapes, texts)


def draw_errors(chart: Errors, unit: str, label: str) -> Element:
    """Return the added errors of the model and of the naive predictor, and the gap between them."""
    model, naive, days = np.array(chart.model_total), np.array(chart.naive_total), number_dates(chart.dates)
    plot = Plot(_along(chart.dates), make_scale(HEIGHT, [0.0], model, naive, is_up=True))
    shapes, texts = mark_axes(plot, chart.dates, unit == "return")
    shapes.insert(0, plot.area("gap", days, naive, model))
    shapes += [plot.line("naive", days, naive), plot.line("model", days, model)]
    ends = {"model": float(model[-1]), "naive": float(naive[-1])}
    names = {"model": "model", "naive": chart.naive}
    for name, end in ends.items():
        beside = ABOVE_LINE if end == max(ends.values()) else BELOW_LINE
        words = f"{names[name]} {show_error(end, unit)}"
        texts.append(write_text(f"label {name}", WIDTH, plot.y.place_one(end) + beside, words))
    return draw(plot, label, shapes, texts)


def draw_fan(chart: Fan, label: str) -> Element:
    """Return the intervals of the newest dates, widest first, the closes, the misses and the forecasts."""
    days, missed = number_dates(chart.dates), np.isin(chart.dates, chart.misses)
    close = np.array([np.nan if each is None else each for each in chart.close])
    edges = [(each.level, np.array(each.lo), np.array(each.hi)) for each in chart.bounds]
    widest = [edge for _, *both in edges for edge in both]
    y = make_scale(FAN_HEIGHT, close, chart.close_pred, *widest, is_up=True)
    plot = Plot(_along(chart.dates, ROWS_BESIDE), y)
    shapes, texts = mark_axes(plot, chart.dates, is_percent=False)
    fans = [plot.area(f"fan{level}", days, lo, hi) for level, lo, hi in sorted(edges, key=lambda edge: -edge[0])]
    shapes += [plot.line("close", days, close), plot.marks("forecast", days, np.array(chart.close_pred))]
    return draw(plot, label, [*fans, *shapes, plot.marks("miss", days[missed], close[missed])], texts)


def mark_axes(plot: Plot, dates: Sequence[str], is_percent: bool) -> tuple[list[Element], list[Element]]:
    """Return the grid lines and strokes of both axes, and their texts."""
    grid, texts = mark_levels(plot, label_ticks(plot.y, is_percent))
    strokes, names = mark_days(plot, dates)
    return [*grid, *strokes], [*texts, *names]


def _along(dates: Sequence[str], beside: float = 0.0) -> Scale:
    return Scale(0.0, max(len(dates) - 1 + beside, 1.0), WIDTH)


def number_dates(dates: Sequence[str]) -> Array:
    """Return the places of dates along the axis, (n,)."""
    return np.arange(len(dates), dtype=float)
