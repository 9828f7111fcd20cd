"""How the numbers of the page were made, in footnotes; and what is missing, and why."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lockstep.report_card.card import ReportCard
from lockstep.report_card.markup import element
from lockstep.worth.significance import CRITICAL_T


def list_notes(card: ReportCard) -> Element:
    """Return the last section of the page."""
    notes = [element("li", note) for note in _list_methods(card)]
    return element("section", element("h2", "Notes"), element("ul", *notes), cls="notes")


def explain_test(card: ReportCard) -> str:
    """Return what the t of a verdict means, empty if no verdict of the card has one."""
    if card.verdict.walk_forward is None or card.verdict.tested is None:
        return ""
    return (
        'The Diebold–Mariano t is the mean difference of the squared errors of the model and of "no change", over its '
        f"standard error. Above 0 the model was worse. Beyond ±{CRITICAL_T} a difference is more than chance at 5 %."
    )


def _list_methods(card: ReportCard) -> Iterator[str]:
    yield from card.missing
    if explained := explain_test(card):
        yield explained
    if card.intervals:
        yield (
            'An interval lies around "no change", not around the forecast. Its width is a scale of today, made of the '
            "true ranges of the newest bars, times a quantile of how far the newest closes moved in such scales. "
            "Nothing of it is learned from the learning rows."
        )
        yield (
            "What chance allows: 95 of 100 runs of as many simulated sessions without any structure, with intervals "
            "made in the same way, cover a share within these bounds."
        )
        yield (
            "The Winkler score is the mean width, and for each miss 2 / (1 − level) times its distance from the "
            "interval: smaller is better. Small, middle and large scales are thirds of the rows."
        )
    if card.unit == "return":
        yield "Errors are |forecast − outcome|, in percent of the close on the day of the forecast."
