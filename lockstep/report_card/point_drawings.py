"""Drawings of pairs of numbers: each row, or each bin, is a mark."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from lockstep.report_card.card import Against, Widths
from lockstep.report_card.drawing import AXIS_HEIGHT, WIDTH, Plot, draw, mark_levels, write_text
from lockstep.report_card.scale import Scale, make_scale
from lockstep.report_card.ticks import label_ticks
from lockstep.worth.reliability import Reliability

HEIGHT = 320.0
ABOVE, BELOW = -20.0, HEIGHT + AXIS_HEIGHT + 10.0
"""Where the names of the axes stand."""
BAND_PLACES = 201
"""How many places the band around the diagonal is made of, so that its corners at the frame look sharp."""


@dataclass(frozen=True)
class Axes:
    """What the axes of a drawing measure, and whether in percent."""

    x: str
    y: str
    is_percent: bool


def draw_against(chart: Against, unit: str, label: str) -> Element:
    """Return a dot for each row, the line where predicted is realised, and that of the naive predictor."""
    realised, predicted = np.array(chart.realised), np.array(chart.predicted)
    x = make_scale(WIDTH, realised, [chart.naive])
    plot = Plot(x, make_scale(HEIGHT, predicted, realised, [chart.naive], is_up=True))
    ends = np.array([x.first, x.last])
    shapes = [plot.rule("naive", chart.naive), plot.line("diagonal", ends, ends)]
    if chart.half_width is not None:
        shapes.insert(0, _draw_band(plot, chart.half_width))
    axes = Axes("realised", "predicted", unit == "return")
    return _frame(plot, label, [*shapes, plot.marks("rows", realised, predicted)], axes)


def _draw_band(plot: Plot, half_width: float) -> Element:
    """Return the interval around every prediction, cut off where the plot ends."""
    places = np.linspace(plot.x.first, plot.x.last, BAND_PLACES)
    bounds = (np.clip(places + side, plot.y.last, plot.y.first) for side in (-half_width, half_width))
    return plot.area("fan80", places, *bounds)


def draw_widths(chart: Widths, label: str) -> Element:
    """Return a dot for each row that held and a square for each miss; misses are above the line."""
    half_width, move = np.array(chart.half_width), np.array(chart.move)
    plot = Plot(make_scale(WIDTH, [0.0], half_width), make_scale(HEIGHT, [0.0], move, is_up=True))
    missed, ends = move > half_width, np.array([0.0, plot.x.last])
    held = plot.marks("rows", half_width[~missed], move[~missed])
    shapes = [held, plot.marks("miss", half_width[missed], move[missed]), plot.line("diagonal", ends, ends)]
    axes = Axes(f"half width of the {chart.level} % interval", "move of the close", is_percent=True)
    return _frame(plot, label, shapes, axes)


def draw_reliability(chart: Reliability, label: str) -> Element:
    """Return a dot for each bin and what chance allows it; on the line, what was said is what came true."""
    said, came = (np.array([getattr(each, name) for each in chart.bins]) for name in ("mean_probability", "share"))
    low, high = np.array([each.chance for each in chart.bins]).T
    plot = Plot(Scale(-0.03, 1.03, WIDTH), Scale(1.03, -0.03, HEIGHT))
    ends = np.array([0.0, 1.0])
    shapes = [plot.line("diagonal", ends, ends), plot.spans("chance", said, low, high), plot.marks("bins", said, came)]
    axes = Axes("probability, as said", "share that came true", is_percent=True)
    return _frame(plot, label, shapes, axes)


def _frame(plot: Plot, label: str, shapes: list[Element], axes: Axes) -> Element:
    """Return the drawing of shapes with both axes and their names."""
    grid, levels = mark_levels(plot, label_ticks(plot.y, axes.is_percent))
    ticks = label_ticks(plot.x, axes.is_percent)
    along = [write_text("tick", plot.x.place_one(each), HEIGHT + AXIS_HEIGHT - 8, words) for each, words in ticks]
    names = [write_text("name", WIDTH, BELOW, f"{axes.x} →"), write_text("name", 0.0, ABOVE, f"↑ {axes.y}")]
    drawn = draw(plot, label, [*grid, *shapes], [*levels, *along, *names])
    drawn.set("class", "chart named")
    return drawn
