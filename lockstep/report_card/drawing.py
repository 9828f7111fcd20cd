"""Drawings that keep their text at one size and their lines at one width, however wide the page is.

A drawing is as wide as its column. Shapes lie in an inner drawing that is stretched along x; texts lie over it, placed
by percent. Styles come from the classes in `style.css`, so a drawing follows the colors of the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from lockstep.data.bars import Array
from lockstep.report_card.markup import element
from lockstep.report_card.scale import Scale, mark_dates

WIDTH = 1000.0
"""Of the inner drawing; it is stretched to the width of the page."""
AXIS_HEIGHT = 24
"""Of the line of texts below a drawing."""
RAISED = 5
"""How far a text stands above the line that it belongs to."""


@dataclass(frozen=True)
class Plot:
    """The two axes of a drawing."""

    x: Scale
    y: Scale

    def line(self, cls: str, xs: Array, ys: Array) -> Element:
        """Return a line through points (n,); NaN breaks it."""
        return element("path", d=_join(self._place(xs, ys)), cls=f"line {cls}")

    def rule(self, cls: str, y: float) -> Element:
        """Return a level line across the drawing."""
        return element("path", d=f"M0 {_write(self.y.place_one(y))}H{WIDTH:.0f}", cls=f"line {cls}")

    def area(self, cls: str, xs: Array, lows: Array, highs: Array) -> Element:
        """Return what lies between two lines over the same places (n,)."""
        there, back = self._place(xs, highs), self._place(xs[::-1], lows[::-1])
        return element("path", d=_join([*there, *back]) + "Z", cls=f"area {cls}")

    def marks(self, cls: str, xs: Array, ys: Array) -> Element:
        """Return a mark at each point (n,): a dot, or a square if the class is `miss`."""
        dots = "".join(f"M{_write(x)} {_write(y)}h.01" for x, y in self._place(xs, ys))
        return element("path", d=dots, cls=f"marks {cls}")

    def spans(self, cls: str, xs: Array, lows: Array, highs: Array) -> Element:
        """Return an upright stroke from low to high at each place (n,)."""
        ends = zip(self._place(xs, lows), self.y.place(highs).tolist(), strict=True)
        strokes = "".join(f"M{_write(x)} {_write(low)}V{_write(high)}" for (x, low), high in ends)
        return element("path", d=strokes, cls=f"spans {cls}")

    def text(self, cls: str, x: float, y: float, words: str) -> Element:
        """Return a text above a point; its anchor follows from where the point lies."""
        return write_text(cls, self.x.place_one(x), self.y.place_one(y) - RAISED, words)

    def _place(self, xs: Array, ys: Array) -> list[tuple[float, float]]:
        return list(zip(self.x.place(xs).tolist(), self.y.place(ys).tolist(), strict=True))


def write_text(cls: str, x: float, y: float, words: str) -> Element:
    """Return a text at a place of the drawing."""
    anchor = "start" if x < WIDTH / 20 else "end" if x > WIDTH * 0.95 else "middle"
    return element("text", words, x=f"{x / WIDTH * 100:.1f}%", y=y, text_anchor=anchor, cls=cls)


def draw(plot: Plot, label: str, shapes: Iterable[Element], texts: Iterable[Element]) -> Element:
    """Return the drawing; `label` is the id of the sentence that describes it."""
    height = plot.y.length
    box = {"viewBox": f"0 0 {WIDTH:.0f} {height:.0f}", "preserveAspectRatio": "none"}
    inner = element("svg", *shapes, width="100%", height=height, **box)
    described = {"role": "img", "aria_labelledby": label}
    return element("svg", inner, *texts, cls="chart", width="100%", height=height + AXIS_HEIGHT, **described)


def mark_levels(plot: Plot, ticks: Sequence[tuple[float, str]]) -> tuple[list[Element], list[Element]]:
    """Return the grid lines of the y axis, and their texts above them at the left."""
    texts = [write_text("tick", 0.0, plot.y.place_one(y) - RAISED, words) for y, words in ticks]
    return [plot.rule("grid", y) for y, _ in ticks], texts


def mark_days(plot: Plot, dates: Sequence[str]) -> tuple[list[Element], list[Element]]:
    """Return short strokes where years or months begin, and their names below the drawing."""
    marks = [(plot.x.place_one(place), name) for place, name in mark_dates(dates)]
    bottom = plot.y.length
    strokes = [element("path", d=f"M{_write(x)} {bottom:.0f}v-5", cls="line axis") for x, _ in marks]
    return strokes, [write_text("tick", x, bottom + AXIS_HEIGHT - 8, name) for x, name in marks]


def _join(points: Sequence[tuple[float, float]]) -> str:
    """Return the path through the points; NaN lifts the pen."""
    path, pen = [], "M"
    for x, y in points:
        if y != y:  # noqa: PLR0124 -- NaN alone differs
            pen = "M"
            continue
        path.append(f"{pen}{_write(x)} {_write(y)}")
        pen = "L"
    return "".join(path)


def _write(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")
