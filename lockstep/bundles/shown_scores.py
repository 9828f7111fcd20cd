"""Scores as people read them: by heading, rounded."""

import msgspec
from msgspec import UNSET, UnsetType

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


def show_scores(scores: AnyScores) -> dict[str, str]:
    """Return each score that the bundle has by its heading; a dash if it is None. The first is the one of a list."""
    values = msgspec.structs.asdict(scores)
    stated = {name: values[name] for name in COLUMNS if values.get(name, UNSET) is not UNSET}
    return {
        COLUMNS[name][0]: "-" if value is None else format(value, COLUMNS[name][1]) for name, value in stated.items()
    }


def show_level(scores: LevelScores) -> dict[str, str]:
    """Return what the intervals of one level are worth, by heading; a dash for what is not known."""
    low, middle, high = scores.terciles
    chance = "-" if scores.chance is None else "{:.3f}–{:.3f}".format(*scores.chance)
    return {
        "coverage": f"{scores.coverage:.4f}",
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
