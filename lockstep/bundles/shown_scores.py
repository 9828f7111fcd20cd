"""Scores as people read them: by heading, rounded."""

import msgspec

from lockstep.bundles.scores import AnyScores

COLUMNS = {
    "mae": ("MAE", ".6f"),
    "mse": ("MSE", ".8f"),
    "r2": ("R²", ".4f"),
    "directional_accuracy": ("direction", ".4f"),
    "accuracy": ("accuracy", ".4f"),
    "macro_f1": ("macro F1", ".4f"),
    "log_loss": ("log loss", ".4f"),
    "brier": ("Brier", ".4f"),
}
"""The heading of each score, and how it is printed."""


def show_scores(scores: AnyScores) -> dict[str, str]:
    """Return each score by its heading; a dash if there is none. The first is the one that a list shows."""
    shown = {}
    for name, value in msgspec.structs.asdict(scores).items():
        heading, form = COLUMNS[name]
        shown[heading] = "-" if value is None else format(value, form)
    return shown
