"""A report card as one page that needs nothing beside it; it shows what the card holds, and nothing else."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element

from lockstep.bundles.selections import describe_selection
from lockstep.report_card import point_drawings, tables, time_drawings
from lockstep.report_card.card import Errors, Fan, ReportCard
from lockstep.report_card.digits import show_percent
from lockstep.report_card.figures import choose_figures, list_figures
from lockstep.report_card.markup import Child, element, write_page
from lockstep.report_card.notes import list_notes
from lockstep.report_card.shown import describe_scale, name_class
from lockstep.worth.reliability import Reliability


def render_page(card: ReportCard, *above: Element) -> str:
    """Return the page; every text of the card is escaped in it. What is `above` comes before the card."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{card.model}/{card.version}: report card"),
        element("link", rel="icon", href="data:,"),
        element("style", read_style()),
    )
    return write_page(element("html", head, element("body", *above, *_list_parts(card)), lang="en"))


@cache
def read_style() -> str:
    """Return the style sheet, which stands in the page."""
    return files("lockstep.report_card").joinpath("style.css").read_text(encoding="utf-8")


def _list_parts(card: ReportCard) -> Iterator[Element]:
    yield element("h1", f"{card.title} · {card.model}, version {card.version} · report card")
    first, *others = filter(None, (card.verdict.says, card.verdict.tested))
    yield element("p", first, cls="verdict")
    yield from (element("p", each, cls="tested") for each in others)
    yield list_figures(choose_figures(card))
    yield from _list_charts(card)
    yield _section("Scores of the test rows", tables.list_scores(card))
    if card.intervals:
        worth = element("p", describe_scale(card.intervals))
        yield _section("Intervals, by level", tables.list_levels(card.intervals), worth)
    if card.conformal:
        yield _section("Intervals, by level", tables.list_conformal(card.conformal))
    if card.selection:
        says = element("p", describe_selection(card.selection))
        yield _section("How the model was selected", says, tables.list_candidates(card.selection))
    yield _section("What the model is", tables.list_facts(card))
    yield list_notes(card)


def _list_charts(card: ReportCard) -> Iterator[Element]:
    if card.coverage:
        drawn = time_drawings.draw_coverage(card.coverage, "coverage")
        yield _figure("Do the intervals hold?", card.coverage.says, drawn, tables.list_years(card))
    if card.errors:
        yield _show_errors(card, card.errors)
    if card.fan:
        yield _show_fan(card.fan)
    pairs = [
        *_list_pairs(card),
        *_list_counts(card),
        *([_show_reliability(card.reliability)] if card.reliability else []),
    ]
    if pairs:
        yield element("div", *pairs, cls="pair")


def _show_errors(card: ReportCard, errors: Errors) -> Element:
    drawn = time_drawings.draw_errors(errors, card.unit, "errors")
    return _figure(f'Errors beside "{errors.naive}", added up', errors.says, drawn, tables.list_years(card))


def _show_fan(fan: Fan) -> Element:
    levels = ", ".join(str(bound.level) for bound in fan.bounds)
    key = element(
        "p",
        *(element("span", element("i", cls=f"key {cls}"), words) for cls, words in (
            ("close", "close"), ("forecast", "the model's forecast"), ("miss", f"close outside of {fan.level} %"),
            ("fan", f"intervals of {levels} %"))),
        cls="keys",
    )  # fmt: skip
    drawn = time_drawings.draw_fan(fan, "fan")
    return _figure("The newest intervals", fan.says, drawn, tables.list_intervals(fan), key)


def _list_pairs(card: ReportCard) -> Iterator[Element]:
    if card.against:
        drawn = point_drawings.draw_against(card.against, card.unit, "against")
        yield _figure("Predicted against realised", card.against.says, drawn)
    if card.widths:
        drawn = point_drawings.draw_widths(card.widths, "widths")
        yield _figure("Width against the move that came", card.widths.says, drawn)


def _list_counts(card: ReportCard) -> Iterator[Element]:
    if card.counts:
        yield _figure(
            "Labels that came true, and that were predicted", card.counts.says, tables.list_counts(card.counts)
        )


def _show_reliability(found: Sequence[Reliability]) -> Element:
    """Return the first of them as a chart, and all of them behind it as tables."""
    first = found[0]
    said, chance = show_percent(first.calibration_error), show_percent(first.error_by_chance)
    says = f"The probabilities of {name_class(first)} are {said} off, on average; right ones would be {chance} off."
    drawn = point_drawings.draw_reliability(first, "reliability")
    return _figure("Do the probabilities hold?", says, drawn, element("div", *map(tables.list_bins, found)))


def _figure(heading: str, says: str, drawn: Element, *behind: Element) -> Element:
    """Return a chart under its heading and its sentence, with the table of its numbers folded behind it."""
    sentence = element("p", says, **({"id": drawn.get("aria-labelledby", "")} if drawn.tag == "svg" else {}))
    table, *keys = behind or (None,)
    folded = [] if table is None else [element("details", element("summary", "The numbers"), table)]
    return element(
        "figure", element("figcaption", element("h2", heading), sentence), drawn, *filter(None, keys), *folded
    )


def _section(heading: str, *children: Child) -> Element:
    return element("section", element("h2", heading), *children)
