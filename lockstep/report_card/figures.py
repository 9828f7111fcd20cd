"""The three numbers that stand first on the page, each beside what to compare it with."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from lockstep.bundles.interval_scores import LevelScores
from lockstep.report_card.card import SHOWN_LEVEL, ReportCard
from lockstep.report_card.digits import show_percent
from lockstep.report_card.markup import element
from lockstep.report_card.shown import name_predictor, show

Figure = tuple[str, str, str]
"""What it is, the number, and what stands beside it."""

ERRORS = {"mae": "Mean absolute error", "accuracy": "Labels that are right"}
OTHERS = {"r2": "R²", "macro_f1": "Macro F1", "log_loss": "Log loss"}
"""The scores that may stand first, and those that fill the row, with their names."""
HALF = 0.5
MAX_FIGURES = 3


def list_figures(card: ReportCard) -> Element:
    """Return the numbers as a list."""
    errors, others = _list_scores(card, ERRORS), _list_scores(card, OTHERS)
    shown = [*_list_coverage(card), *errors, *_list_widths(card), *others][:MAX_FIGURES]
    return element("dl", *(_write_figure(*figure) for figure in shown), cls="figures")


def _list_coverage(card: ReportCard) -> Iterator[Figure]:
    for each in _shown_levels(card):
        chance = each.chance and f"chance allows {show_percent(each.chance[0])} to {show_percent(each.chance[1])}"
        yield f"Inside the {each.level} % interval", show_percent(each.coverage), chance or "of the test rows"


def _list_widths(card: ReportCard) -> Iterator[Figure]:
    for each in _shown_levels(card):
        width = f"± {show_percent(each.mean_width * HALF, 2)}"
        yield f"The {each.level} % interval reaches", width, 'around "no change", on average'
    if card.against and card.against.half_width is not None:
        width = f"± {show('mae', card.against.half_width, card.unit)}"
        yield f"The {card.against.level} % interval reaches", width, "around every prediction"


def _shown_levels(card: ReportCard) -> list[LevelScores]:
    levels = card.intervals.levels if card.intervals else []
    return [each for each in levels if each.level == SHOWN_LEVEL]


def _list_scores(card: ReportCard, names: Mapping[str, str]) -> Iterator[Figure]:
    for score in card.scores:
        if score.name in names:
            (_, ours), (other, theirs), *_ = score.values.items()
            beside = f"{name_predictor(other)}: {show(score.name, theirs, card.unit)}"
            yield names[score.name], show(score.name, ours, card.unit), beside


def _write_figure(name: str, number: str, beside: str) -> Element:
    value = element("dd", number, cls="number")
    return element("div", element("dt", name), value, element("dd", beside, cls="beside"))
