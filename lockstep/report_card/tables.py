"""The tables of the page."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from msgspec import UNSET, UnsetType

from lockstep.bundles.interval_scores import IntervalScores
from lockstep.bundles.selections import SelectionEntry
from lockstep.bundles.shown_scores import COLUMNS
from lockstep.report_card.card import Counts, Fan, ReportCard
from lockstep.report_card.digits import show_count, show_number, show_percent, show_price, show_score, show_value
from lockstep.report_card.markup import Child, element
from lockstep.report_card.shown import MEANINGS, name_class, name_predictor, show
from lockstep.worth.conformal import ConformalCoverage, Share
from lockstep.worth.reliability import Reliability

HALF = 0.5
PARTS = {
    "halves": ("first half", "second half"),
    "groups": ("smallest third", "middle third", "largest third"),
}
"""The parts of the test rows whose coverage is known: halves, and thirds by the prediction."""
Cell = str | tuple[str, ...]
"""What a cell says, and what stands below it in small; in a column of numbers each part of it stays on one line."""


def list_scores(card: ReportCard) -> Element:
    """Return a row for each score, a column for each predictor, the model first."""
    head = ["score", *map(name_predictor, card.scores[0].values)]
    rows: list[list[Cell]] = [
        [
            (COLUMNS[each.name][0], MEANINGS[each.name]),
            *(show(each.name, value, card.unit) for value in each.values.values()),
        ]
        for each in card.scores
    ]
    return write_table(head, rows, "model")


def list_levels(scores: IntervalScores) -> Element:
    """Return a row for each figure of the intervals of a series, a column for each level."""
    levels = scores.levels
    rows: dict[str, list[Cell]] = {
        "Came true inside": [
            (show_percent(each.coverage), *_show_chance(each.chance, is_beyond=each.is_beyond_chance))
            for each in levels
        ],
        "Came true below": [show_percent(each.below) for each in levels],
        "Came true above": [show_percent(each.above) for each in levels],
        "Half width, on average": [f"± {show_percent(each.mean_width * HALF, 2)}" for each in levels],
        "Winkler score": [show_percent(each.winkler_score, 3) for each in levels],
        "… / split conformal": [_show_ratio(each.to_split_conformal) for each in levels],
        "… / Gaussian EWMA": [_show_ratio(each.to_gaussian_ewma) for each in levels],
        **{
            f"Inside, {which} scales": [show_percent(each.terciles[place]) for each in levels]
            for place, which in enumerate(("small", "middle", "large"))
        },
        "Inside, worst stretch": [
            (show_percent(each.worst.coverage), each.worst.first, "to", each.worst.last) for each in levels
        ],
    }
    return write_table(["", *(f"{each.level} %" for each in levels)], ([name, *cells] for name, cells in rows.items()))


def _show_ratio(ratio: float | UnsetType) -> str:
    return "–" if ratio is UNSET else show_score(ratio)


def list_conformal(found: Sequence[ConformalCoverage]) -> Element:
    """Return a row for each figure of the intervals of a table, a column for each level."""
    rows: list[list[Cell]] = [
        ["Half width", *(f"± {show_value(each.half_width)}" for each in found)],
        ["Expected of rows to come", *(_show_bounds(each.expected) for each in found)],
    ]
    for members, names in PARTS.items():
        for place, name in enumerate(names):
            rows.append([f"Inside, {name}", *(_show_share(getattr(each, members), place) for each in found)])
    return write_table(["", *(f"{each.level} %" for each in found)], rows)


def _show_share(shares: Sequence[Share], place: int) -> Cell:
    return (show_percent(shares[place].share), *_show_chance(shares[place].chance)) if shares else "–"


def list_candidates(selection: SelectionEntry) -> Element:
    """Return a row for each candidate, in the order in which they were tried."""
    rows: list[list[Cell]] = [
        [
            (each.estimator, "served") if each.estimator == selection.chosen else each.estimator,
            show_value(each.shrinkage),
            "–" if each.walk_forward.mse_ratio is None else show_score(each.walk_forward.mse_ratio),
            show_number(each.walk_forward.t, 1),
        ]
        for each in selection.candidates
    ]
    return write_table(["candidate", "shrunk by λ", "MSE over that of no change", "t"], rows)


def list_years(card: ReportCard) -> Element:
    """Return the errors and the coverage of each year."""
    has_coverage = any(each.coverage is not None for each in card.years)
    head = ["year", "rows", "error of the model", "of the naive", *(["inside"] if has_coverage else [])]
    name = "accuracy" if card.unit == "label" else "mae"
    rows = (
        [
            each.year,
            show_count(each.rows),
            show(name, each.model, card.unit),
            show(name, each.naive, card.unit),
            *([] if each.coverage is None else [show_percent(each.coverage)]),
        ]
        for each in card.years
    )
    return write_table(head, rows)


def list_intervals(fan: Fan) -> Element:
    """Return the closes and the interval of each date, the newest first."""
    [bound] = [each for each in fan.bounds if each.level == fan.level]
    rows = (
        [
            date,
            show_price(lo),
            show_price(hi),
            "–" if close is None else show_price(close),
            show_price(predicted),
            "outside" if date in fan.misses else "",
        ]
        for date, lo, hi, close, predicted in reversed(
            list(zip(fan.dates, bound.lo, bound.hi, fan.close, fan.close_pred, strict=True))
        )
    )
    return write_table(["date", "from", "to", "close", "model", f"{fan.level} %"], rows)


def list_counts(counts: Counts) -> Element:
    """Return a row for each realised label, a column for each predicted one."""
    rows = ([label, *map(show_count, row)] for label, row in zip(counts.labels, counts.rows, strict=True))
    return write_table(["realised ↓ predicted →", *counts.labels], rows)


def list_bins(reliability: Reliability) -> Element:
    """Return the bins of the probabilities of one class."""
    rows = (
        [show_score(each.mean_probability), show_score(each.share), show_count(each.rows), _show_bounds(each.chance)]
        for each in reliability.bins
    )
    return write_table([f"{name_class(reliability)}: said", "came true", "rows", "chance allows"], rows)


def list_facts(card: ReportCard) -> Element:
    """Return what the model is."""
    rows = [element("tr", element("th", each.name, scope="row"), element("td", each.value)) for each in card.facts]
    wrapped = wrap(element("table", element("tbody", *rows)), "table: what the model is")
    wrapped.set("class", "wide facts")
    return wrapped


def write_table(head: Sequence[str], rows: Iterable[Sequence[Cell]], marked: str = "") -> Element:
    """Return a table whose first column names the rows and whose others are numbers; a `marked` column stands out."""
    first, *others = head
    heads = [element("th", first, scope="col"), *(element("th", each, scope="col", cls="number") for each in others)]
    classes = ["number marked" if each == marked else "number" for each in others]
    body = (_write_row(row, classes) for row in rows)
    made = element("table", element("thead", element("tr", *heads)), element("tbody", *body))
    return wrap(made, f"table: {first or ', '.join(others)}")


def wrap(table: Element, label: str) -> Element:
    """Return a table in a box that can be scrolled, by keyboard as well; a screen reader reads its label."""
    return element("div", table, cls="wide", tabindex="0", role="region", aria_label=label)


def _write_row(row: Sequence[Cell], classes: Sequence[str]) -> Element:
    first, *others = (_write_cell(cell) for cell in row)
    cells = (element("td", *each, cls=cls) for each, cls in zip(others, classes, strict=True))
    return element("tr", element("th", *first, scope="row"), *cells)


def _write_cell(cell: Cell) -> tuple[Child, ...]:
    if isinstance(cell, str):
        return (cell,)
    said, *below = cell
    pieces = (each for piece in below for each in (" ", element("span", piece)))
    return (said, element("small", *pieces)) if len(below) > 1 else (said, *(element("small", each) for each in below))


def _show_chance(bounds: tuple[float, float] | None, *, is_beyond: bool = False) -> tuple[str, ...]:
    if bounds is None:
        return ()
    return ("outside of chance:" if is_beyond else "chance:", show_percent(bounds[0]), f"to {show_percent(bounds[1])}")


def _show_bounds(bounds: tuple[float, float] | None) -> str:
    return "–" if bounds is None else f"{show_percent(bounds[0])} to {show_percent(bounds[1])}"
