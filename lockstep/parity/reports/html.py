"""The record as one HTML page that needs nothing beside it."""

from collections import Counter
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader

from lockstep.data.bits import same_bits
from lockstep.parity.locate import BY_FEATURE
from lockstep.parity.record import Prediction, Record

SIZE, MARGIN = 320, 60
N_TICKS = 4
SMALLEST_RADIUS, RADIUS_GROWTH = 3.0, 0.5


@dataclass(frozen=True)
class Point:
    """One pair of predictions: where it lies on the plot, how many dates have it, and whether its bits differ."""

    x: float
    y: float
    radius: float
    evaluated: float
    served: float
    dates: int
    differs: bool


@dataclass(frozen=True)
class Scatter:
    """The plot of served against evaluated predictions; `ticks` are places along both axes and their labels."""

    points: list[Point]
    ticks: list[tuple[float, str]]
    unserved: int


def render_html(record: Record) -> str:
    """Return the page; whatever a service said is escaped in it."""
    environment = Environment(
        loader=PackageLoader("lockstep.parity"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html").render(
        record=record, scatter=plot_predictions(record.predictions), heat=lay_out_differences(record), size=SIZE,
        margin=MARGIN,
    )  # fmt: skip


def plot_predictions(predictions: list[Prediction]) -> Scatter:
    """Return the plot; equal pairs share a point, the larger the more dates they are of."""
    pairs = Counter((each.evaluated, each.served) for each in predictions if each.served is not None)
    values = [value for pair in pairs for value in pair] or [1.0]
    low, high = min(values), max(values)
    span = high - low or 1.0
    points = [
        Point(
            SIZE * (evaluated - low) / span,
            SIZE * (1 - (served - low) / span),
            SMALLEST_RADIUS + RADIUS_GROWTH * len(str(dates)),
            evaluated,
            served,
            dates,
            not same_bits(evaluated, float(served)),
        )
        for (evaluated, served), dates in pairs.items()
    ]
    ticks = [(SIZE * step / N_TICKS, f"{low + span * step / N_TICKS:.4f}") for step in range(N_TICKS + 1)]
    return Scatter(points, ticks, sum(each.served is None for each in predictions))


def lay_out_differences(record: Record) -> list[tuple[str, list[int]]]:
    """Return for each stage the rows that differ, one number a feature, or one for the stages that have no features."""
    return [
        (stage, [record.differing[stage].get(name, 0) for name in (record.features if stage in BY_FEATURE else [""])])
        for stage in record.differing
    ]
