"""The record as one HTML page that needs nothing beside it."""

from collections import Counter
from dataclasses import dataclass

from lockstep.data.bits import same_bits
from lockstep.parity.difference import Value
from lockstep.parity.proof import Proof
from lockstep.parity.record import Prediction, Record

SIZE, MARGIN = 320, 60
N_TICKS = 4
MAX_COLUMNS = 60
SMALLEST_RADIUS, RADIUS_GROWTH = 3.0, 0.5


@dataclass(frozen=True)
class Point:
    """One pair of predictions: where it lies on the plot, how many rows have it, and whether its bits differ."""

    x: float
    y: float
    radius: float
    evaluated: float
    served: float
    rows: int
    differs: bool


@dataclass(frozen=True)
class Scatter:
    """The plot of served against evaluated predictions; `ticks` are places along both axes and their labels."""

    points: list[Point]
    ticks: list[tuple[float, str]]
    unserved: int


def render_html(told: Record | Proof) -> str:
    """Return the page, with several runs one after the other; whatever a service said is escaped in it."""
    from jinja2 import Environment, PackageLoader  # only this report needs it

    environment = Environment(
        loader=PackageLoader("lockstep.parity"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    records, splits = ([told], None) if isinstance(told, Record) else (told.records, told.splits)
    runs = [
        (each, plot_predictions(each.predictions), count_pairs(each.predictions), lay_out_differences(each))
        for each in records
    ]
    return environment.get_template("report.html").render(told=told, splits=splits, runs=runs, size=SIZE, margin=MARGIN)


@dataclass(frozen=True)
class Pair:
    """A label that was evaluated and one that was served, how many rows have both, and whether they differ."""

    evaluated: Value
    served: Value | None
    rows: int

    @property
    def differs(self) -> bool:
        """Return whether the labels are different ones."""
        return self.evaluated != self.served


def count_pairs(predictions: list[Prediction]) -> list[Pair]:
    """Return the pairs of labels, the most frequent first; none if the predictions are numbers."""
    if all(isinstance(each.evaluated, float) for each in predictions):
        return []
    pairs = Counter((each.evaluated, each.served) for each in predictions)
    return [Pair(evaluated, served, rows) for (evaluated, served), rows in pairs.most_common()]


def plot_predictions(predictions: list[Prediction]) -> Scatter:
    """Return the plot of numbers; equal pairs share a point, the larger the more rows they are of."""
    pairs = Counter(
        (each.evaluated, each.served)
        for each in predictions
        if isinstance(each.evaluated, float) and isinstance(each.served, float)
    )
    values = [value for pair in pairs for value in pair] or [1.0]
    low, high = min(values), max(values)
    span = high - low or 1.0
    points = [
        Point(
            SIZE * (evaluated - low) / span,
            SIZE * (1 - (served - low) / span),
            SMALLEST_RADIUS + RADIUS_GROWTH * len(str(rows)),
            evaluated,
            served,
            rows,
            not same_bits(evaluated, served),
        )
        for (evaluated, served), rows in pairs.items()
    ]
    ticks = [(SIZE * step / N_TICKS, f"{low + span * step / N_TICKS:.4f}") for step in range(N_TICKS + 1)]
    return Scatter(points, ticks, sum(each.served is None for each in predictions))


def lay_out_differences(record: Record) -> list[tuple[list[str], list[tuple[str, list[int]]]]]:
    """Return the names of columns, and the stages that have them, each with the rows that differ in each column.

    A stage of one value a row has one column without a name.
    """
    groups: list[tuple[list[str], list[tuple[str, list[int]]]]] = []
    for stage, counts in record.differing.items():
        names = record.columns.get(stage) or [""]
        if len(names) > MAX_COLUMNS:
            names = [name for name in names if name in counts][:MAX_COLUMNS]
        if not groups or groups[-1][0] != names:
            groups.append((names, []))
        groups[-1][1].append((stage, [counts.get(name, 0) for name in names]))
    return groups
