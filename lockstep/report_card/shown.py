"""How the scores of a card are shown: what they mean, their digits, and the names of predictors."""

from lockstep.bundles.baselines import ALWAYS_NO_CHANGE, MODEL
from lockstep.bundles.interval_scores import IntervalScores
from lockstep.report_card.digits import show_count, show_move, show_percent, show_score, show_value
from lockstep.worth.reliability import Reliability

MEANINGS = {
    "mae": "mean absolute error",
    "mse": "mean squared error",
    "r2": "1 is perfect, 0 is a mean",
    "directional_accuracy": "rows on the right side of no change",
    "rmse": "root of the mean squared error",
    "bias": "above 0 is too high",
    "rmae": "MAE over that of no change",
    "mase": "MAE over that of no change in the learning rows",
    "rmsse": "the same of the RMSE",
    "accuracy": "labels that are right",
    "macro_f1": "mean over the labels",
    "log_loss": "of the probabilities",
    "brier": "squared error of the probabilities",
}
"""What each score says, in small."""
SHARES = ("directional_accuracy", "accuracy")
IN_UNITS = ("mae", "rmse")
"""Scores in units of the target; those of returns are shown in percent."""
PREDICTORS = {MODEL: "model", ALWAYS_NO_CHANGE: "no change"}


def name_predictor(name: str) -> str:
    """Return a predictor's name for people."""
    return PREDICTORS.get(name, name)


def show(name: str, value: float | None, unit: str) -> str:
    """Return a score, or another number by that name, with the digits that it needs; a dash if there is none."""
    if value is None:
        return "–"
    if name in SHARES:
        return show_percent(value)
    if name in IN_UNITS and unit == "return":
        return show_percent(value, 3)
    if name == "bias" and unit == "return":
        return show_move(value)
    return show_value(value) if name in (*IN_UNITS, "bias", "mse") else show_score(value)


def show_error(total: float, unit: str) -> str:
    """Return errors that were added up."""
    if unit == "label":
        return show_count(round(total))
    return show_percent(total, 0) if unit == "return" else show_value(total)


def name_class(found: Reliability) -> str:
    """Return of which class probabilities are."""
    return "the most probable class" if found.label is None else f'"{found.label}"'


def describe_scale(scores: IntervalScores) -> str:
    """Return what the scale of intervals forecasts, and the score of all levels."""
    return (
        f"As a forecast of how far the close moves, the scale behind the intervals has an R² of "
        f"{show_score(scores.scale_r2)}; an exponential mean of squared returns has {show_score(scores.ewma_r2)}. "
        f"The weighted interval score of all levels is {show_percent(scores.wis, 3)}."
    )
