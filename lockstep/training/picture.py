"""The evaluation as a picture: predicted against realised, and the scores beside the naive baselines."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lockstep.bundles.baselines import MODEL
from lockstep.bundles.entries import RETURN
from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.scores import NO_CHANGE, AnyScores, LabelScores

INK, ACCENT, MUTED = "#1c2733", "#0b6e99", "#9aa7b3"
PERCENT = 100.0

AnyPanels = Mapping[str, tuple[str, float]]
"""The title and the unit of each score that is drawn."""

RETURN_PANELS = {
    "mae": ("Mean absolute error, % (smaller is better)", PERCENT),
    "r2": ("R² (0 is the mean; larger is better)", 1.0),
}
NUMBER_PANELS = {**RETURN_PANELS, "mae": ("Mean absolute error (smaller is better)", 1.0)}
LABEL_PANELS = {
    "accuracy": ("Accuracy (larger is better)", 1.0),
    "macro_f1": ("Macro F1 (larger is better)", 1.0),
}


def draw_evaluation(evaluation: Evaluation, manifest: SeriesManifest, scores: Mapping[str, AnyScores]) -> Figure:
    """Return the figure; returns are drawn in percent, R² with 0 and every negative value in sight."""
    matplotlib.use("agg")
    figure = Figure(figsize=(13, 4.6), layout="constrained", dpi=110)
    outcome, first, second = figure.subplots(1, 3, width_ratios=(5, 4, 4))
    second.tick_params(labelleft=False)
    is_return = manifest.target == RETURN
    panels: AnyPanels = RETURN_PANELS if is_return else NUMBER_PANELS
    if isinstance(scores[MODEL], LabelScores):
        panels = LABEL_PANELS
        _draw_counts(outcome, evaluation)
    else:
        _draw_scatter(outcome, evaluation, is_return)
    for axes, (score, (title, unit)) in zip((first, second), panels.items(), strict=True):
        draw_bars(axes, title, {name: getattr(each, score) * unit for name, each in scores.items()})
    test, horizon = manifest.test, manifest.horizon_bars
    ahead = "next bar's" if horizon == 1 else f"{horizon} bars'"
    figure.suptitle(f"{manifest.symbol}: {ahead} {manifest.target}, {test.first} to {test.last}, {test.rows} test bars")
    return figure


def _draw_scatter(axes: Axes, evaluation: Evaluation, is_return: bool) -> None:
    zero, unit, shown = (NO_CHANGE, PERCENT, "return, %") if is_return else (0.0, 1.0, "target")
    realised = (evaluation.y_true[evaluation.realised] - zero) * unit
    predicted = (evaluation.y_pred[evaluation.realised] - zero) * unit
    reach = 1.05 * max(np.abs(realised).max(), np.abs(predicted).max()) or 1.0
    axes.plot([-reach, reach], [-reach, reach], color=MUTED, linewidth=1, label="predicted = realised")
    axes.scatter(realised, predicted, s=9, color=ACCENT, alpha=0.45, linewidths=0, label="one test bar")
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel=f"realised {shown}", ylabel=f"predicted {shown}")
    axes.set_title("Predicted against realised", fontsize=10)
    axes.set_aspect("equal")
    axes.legend(frameon=False, fontsize=8, loc="upper left")


def _draw_counts(axes: Axes, evaluation: Evaluation) -> None:
    """Draw how many test bars have each pair of a realised and a predicted label."""
    realised, predicted = evaluation.y_true[evaluation.realised], evaluation.y_pred[evaluation.realised]
    labels = np.unique(np.concatenate([realised, predicted]))
    counts = np.array([[np.sum((realised == came) & (predicted == said)) for came in labels] for said in labels])
    axes.imshow(counts, cmap="Blues", vmin=0, vmax=max(1.5 * counts.max(), 1.0), origin="lower")
    for said, came in np.ndindex(counts.shape):
        axes.text(came, said, str(counts[said, came]), ha="center", va="center", color=INK)
    axes.set(xlabel="realised", ylabel="predicted")
    axes.set_xticks(range(labels.size), labels.tolist())
    axes.set_yticks(range(labels.size), labels.tolist())
    axes.set_title("Test bars by predicted and realised label", fontsize=10)


def draw_bars(axes: Axes, title: str, values: Mapping[str, float]) -> None:
    """Draw one score of each predictor, the model's in color, with 0 and every negative value in sight."""
    names = list(values)
    bars = axes.barh(names, list(values.values()), color=[ACCENT if name == MODEL else MUTED for name in names])
    axes.bar_label(bars, labels=[f"{value:.4f}" for value in values.values()], padding=4, fontsize=9, color=INK)
    lowest, highest = min(0.0, *values.values()), max(0.0, *values.values())
    margin = 0.4 * (highest - lowest or 1.0)
    axes.set_xlim(lowest - (margin if lowest < 0 else 0), highest + margin)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)


def save_picture(figure: Figure, path: Path) -> None:
    """Write the figure as PNG without a creation date, so that the same numbers give the same file."""
    figure.savefig(path, metadata={"Software": None})
