"""Scores as people read them: by heading, rounded."""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

from lockstep.bundles.baselines import ALWAYS_NO_CHANGE
from lockstep.bundles.interval_scores import LevelScores
from lockstep.bundles.scores import AnyScores

COLUMNS = {
    "mae": ("MAE", ".6f"),
    "mse": ("MSE", ".8f"),
    "rmse": ("RMSE", ".6f"),
    "bias": ("bias", "+.6f"),
    "r2": ("R²", ".4f"),
    "directional_accuracy": ("direction", ".4f"),
    "rmae": ("rMAE", ".4f"),
    "mase": ("MASE", ".4f"),
    "rmsse": ("RMSSE", ".4f"),
    "accuracy": ("accuracy", ".4f"),
    "macro_f1": ("macro F1", ".4f"),
    "log_loss": ("log loss", ".4f"),
    "brier": ("Brier", ".4f"),
}
"""The heading of each score, and how it is printed, in the order of people."""


DIRECTION = "directional_accuracy"

COVERAGE = "coverage"
"""The heading of the share of rows in the intervals of a level."""


def list_scores(scores: Mapping[str, AnyScores]) -> dict[str, dict[str, float | None]]:
    """Return each score that the bundle has, by predictor and in the order of people; None if there is none.

    "No change" is on no side of itself. So it has no direction here, and neither has a model that always answers it.
    """
    unmoved = scores.get(ALWAYS_NO_CHANGE)
    return {name: _list_values(each, is_unmoved=each == unmoved) for name, each in scores.items()}


def _list_values(scores: AnyScores, *, is_unmoved: bool) -> dict[str, float | None]:
    values = msgspec.structs.asdict(scores)
    stated = {name: values[name] for name in COLUMNS if values.get(name, UNSET) is not UNSET}
    return {**stated, DIRECTION: None} if is_unmoved else stated


def show_scores(scores: Mapping[str, AnyScores]) -> dict[str, dict[str, str]]:
    """Return the scores of each predictor by their headings, rounded; a dash if there is none."""
    return {
        predictor: {COLUMNS[name][0]: _show(name, value) for name, value in values.items()}
        for predictor, values in list_scores(scores).items()
    }


def _show(name: str, value: float | None) -> str:
    return "-" if value is None else format(value, COLUMNS[name][1])


def show_level(scores: LevelScores) -> dict[str, str]:
    """Return what the intervals of one level are worth, by heading; a dash for what is not known."""
    low, middle, high = scores.terciles
    chance = "-" if scores.chance is None else "{:.3f}–{:.3f}".format(*scores.chance)
    return {
        COVERAGE: f"{scores.coverage:.4f}",
        "by chance": chance,
        "below": f"{scores.below:.4f}",
        "above": f"{scores.above:.4f}",
        "mean width": f"{scores.mean_width:.6f}",
        "Winkler score": f"{scores.winkler_score:.6f}",
        "/ split conformal": _show_ratio(scores.to_split_conformal),
        "/ Gaussian EWMA": _show_ratio(scores.to_gaussian_ewma),
        f"worst {scores.worst.rows} rows": f"{scores.worst.coverage:.4f}",
        "from": scores.worst.first,
        "to": scores.worst.last,
        "small scales": f"{low:.4f}",
        "middle scales": f"{middle:.4f}",
        "large scales": f"{high:.4f}",
    }


def _show_ratio(ratio: float | UnsetType) -> str:
    return "-" if ratio is UNSET else f"{ratio:.4f}"
