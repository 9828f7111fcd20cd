"""The evaluation of a table as a picture: predicted against true, and the scores beside the baseline's."""

from collections.abc import Mapping
from typing import Any

import matplotlib
import msgspec
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lockstep.bundles.evaluation import Evaluation
from lockstep.bundles.manifest import TableManifest
from lockstep.bundles.scores import AnyScores
from lockstep.training.picture import ACCENT, MUTED, draw_bars

MAX_NAMED_LABELS = 20


def draw_table_evaluation(evaluation: Evaluation, manifest: TableManifest, scores: Mapping[str, AnyScores]) -> Figure:
    """Return the figure: a count for each pair of labels, or a point for each row; and two scores."""
    matplotlib.use("agg")
    figure = Figure(figsize=(13, 4.6), layout="constrained", dpi=110)
    against, *bars = figure.subplots(1, 3, width_ratios=(5, 4, 4))
    bars[1].tick_params(labelleft=False)
    y_true, y_pred = evaluation.y_true, evaluation.y_pred
    if manifest.classes:
        _draw_labels(against, y_true, y_pred, np.array(manifest.classes))
        shown = {"accuracy": "Accuracy (larger is better)", "macro_f1": "Macro F1 (larger is better)"}
    else:
        _draw_numbers(against, y_true, y_pred)
        shown = {"mae": "Mean absolute error (smaller is better)", "r2": "R² (0 is the mean; larger is better)"}
    for axes, (member, title) in zip(bars, shown.items(), strict=True):
        draw_bars(axes, title, {name: msgspec.structs.asdict(score)[member] for name, score in scores.items()})
    figure.suptitle(f"{manifest.name}: {manifest.target}, {manifest.test_rows} test rows")
    return figure


def _draw_labels(axes: Axes, y_true: NDArray[Any], y_pred: NDArray[Any], classes: NDArray[Any]) -> None:
    counts = np.array([[np.sum((y_true == true) & (y_pred == named)) for named in classes] for true in classes])
    axes.imshow(counts, cmap="Blues")
    if classes.size <= MAX_NAMED_LABELS:
        axes.set_xticks(range(classes.size), classes.astype(str).tolist(), rotation=45, ha="right")
        axes.set_yticks(range(classes.size), classes.astype(str).tolist())
        for (row, column), count in np.ndenumerate(counts):
            axes.text(column, row, str(count), ha="center", va="center", color=ACCENT, fontsize=9)
    axes.set(xlabel="predicted", ylabel="true")
    axes.set_title("Test rows by label", fontsize=10)


def _draw_numbers(axes: Axes, y_true: NDArray[Any], y_pred: NDArray[Any]) -> None:
    lowest, highest = min(y_true.min(), y_pred.min()), max(y_true.max(), y_pred.max())
    axes.plot([lowest, highest], [lowest, highest], color=MUTED, linewidth=1, label="predicted = true")
    axes.scatter(y_true, y_pred, s=9, color=ACCENT, alpha=0.45, linewidths=0, label="one test row")
    axes.set(xlabel="true", ylabel="predicted")
    axes.set_title("Predicted against true", fontsize=10)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
