"""The scores of a manifest, turned: a row for each score, a column for each predictor."""

from collections.abc import Mapping

from lockstep.bundles import shown_scores
from lockstep.bundles.baselines import MODEL
from lockstep.bundles.scores import AnyScores, LabelScores
from lockstep.report_card.card import Score
from lockstep.report_card.digits import show_percent
from lockstep.report_card.shown import name_predictor

ERROR = "mae"


def list_scores(scores: Mapping[str, AnyScores]) -> list[Score]:
    """Return each score that the model has, by predictor, the model first."""
    shown = shown_scores.list_scores(scores)
    return [Score(name, {by: each.get(name) for by, each in shown.items()}) for name in shown[MODEL]]


def describe_scores(scores: Mapping[str, AnyScores], naive: str) -> str:
    """Return how the model did in the test rows beside a naive predictor."""
    ours, theirs, name = scores[MODEL], scores[naive], name_predictor(naive)
    if isinstance(ours, LabelScores) and isinstance(theirs, LabelScores):
        right, beside = show_percent(ours.accuracy), show_percent(theirs.accuracy)
        return f'In the test rows the model is right {right} of the time, and "{name}" {beside} of the time.'
    errors = (float(getattr(each, ERROR)) for each in (ours, theirs))
    return f'In the test rows the errors of the model are {compare_errors(*errors)} those of "{name}".'


def compare_errors(ours: float, theirs: float) -> str:
    """Return how much larger or smaller errors are: "12.5 % larger than"."""
    if not theirs or ours == theirs:
        return "as large as" if ours == theirs else "larger than"
    return f"{show_percent(abs(ours / theirs - 1.0))} {'larger' if ours > theirs else 'smaller'} than"
