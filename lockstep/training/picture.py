"""The evaluation as a picture: predicted against realised, and the errors beside the naive baselines."""

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.scores import MODEL, Scores

INK, ACCENT, MUTED = "#1c2733", "#0b6e99", "#9aa7b3"
PERCENT = 100.0


def draw_evaluation(evaluation: Evaluation, manifest: SeriesManifest, scores: dict[str, Scores]) -> Figure:
    """Return the figure; returns are drawn in percent, R² with 0 and every negative value in sight."""
    matplotlib.use("agg")
    figure = Figure(figsize=(13, 4.6), layout="constrained", dpi=110)
    scatter, mae, r2 = figure.subplots(1, 3, width_ratios=(5, 4, 4))
    r2.tick_params(labelleft=False)
    _draw_scatter(scatter, evaluation)
    _draw_bars(mae, "Mean absolute error, % (smaller is better)", {n: s.mae * PERCENT for n, s in scores.items()})
    _draw_bars(r2, "R² (0 is the mean; larger is better)", {name: s.r2 for name, s in scores.items()})
    test = manifest.test
    figure.suptitle(f"{manifest.symbol}: next bar's return, {test.first} to {test.last}, {test.rows} test bars")
    return figure


def _draw_scatter(axes: Axes, evaluation: Evaluation) -> None:
    realised = (evaluation.y_true[evaluation.realised] - 1.0) * PERCENT
    predicted = (evaluation.y_pred[evaluation.realised] - 1.0) * PERCENT
    reach = 1.05 * max(np.abs(realised).max(), np.abs(predicted).max())
    axes.plot([-reach, reach], [-reach, reach], color=MUTED, linewidth=1, label="predicted = realised")
    axes.scatter(realised, predicted, s=9, color=ACCENT, alpha=0.45, linewidths=0, label="one test bar")
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="realised return, %", ylabel="predicted return, %")
    axes.set_title("Predicted against realised", fontsize=10)
    axes.set_aspect("equal")
    axes.legend(frameon=False, fontsize=8, loc="upper left")


def _draw_bars(axes: Axes, title: str, values: dict[str, float]) -> None:
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
