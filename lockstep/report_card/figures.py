"""The three numbers that stand first on the page, each beside what to compare it with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from lockstep.bundles.interval_scores import LevelScores
from lockstep.report_card.card import SHOWN_LEVEL, ReportCard, Score
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


def choose_figures(card: ReportCard) -> list[Figure]:
    """Return the numbers, the most telling first."""
    errors, others = (_list_scores(card.scores, card.unit, names) for names in (ERRORS, OTHERS))
    return [*_list_coverage(card), *errors, *_list_widths(card), *others][:MAX_FIGURES]


def choose_score(scores: Sequence[Score], unit: str) -> Figure:
    """Return the score that says most of a model, beside that of the naive predictor; every model has one."""
    return next(_list_scores(scores, unit, ERRORS))


def list_figures(figures: Iterable[Figure]) -> Element:
    """Return numbers as a list."""
    return element("dl", *(_write_figure(*figure) for figure in figures), cls="figures")


def _list_coverage(card: ReportCard) -> Iterator[Figure]:
    for each in _shown_levels(card):
        allows = "outside: chance allows" if each.is_beyond_chance else "chance allows"
        chance = each.chance and f"{allows} {show_percent(each.chance[0])} to {show_percent(each.chance[1])}"
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


def _list_scores(scores: Sequence[Score], unit: str, names: Mapping[str, str]) -> Iterator[Figure]:
    for score in scores:
        if score.name in names:
            # the model first, then the simplest rival
            (_, ours), (other, theirs), *_ = score.values.items()
            beside = f"{name_predictor(other)}: {show(score.name, theirs, unit)}"
            yield names[score.name], show(score.name, ours, unit), beside


def _write_figure(name: str, number: str, beside: str) -> Element:
    value = element("dd", number, cls="number")
    return element("div", element("dt", name), value, element("dd", beside, cls="beside"))
