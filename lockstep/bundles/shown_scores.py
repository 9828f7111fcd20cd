"""Scores as people read them: by heading, rounded."""

import msgspec
from msgspec import UNSET

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
