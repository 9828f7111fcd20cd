"""The evaluation of a panel as a picture: a point for each series, and the mean scores beside the naive baselines."""

from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lockstep.bundles.baselines import MODEL
from lockstep.bundles.entries import RETURN
from lockstep.bundles.manifest import PanelManifest
from lockstep.bundles.scores import AnyScores, LabelScores
from lockstep.training.picture import ACCENT, LABEL_PANELS, MUTED, NUMBER_PANELS, RETURN_PANELS, draw_bars

AnyScoresByName = Mapping[str, AnyScores]


def draw_panel(manifest: PanelManifest, scores: AnyScoresByName, series: Sequence[AnyScoresByName]) -> Figure:
    """Return the figure of the scores of each series and of their means, `scores`; returns are in percent."""
    matplotlib.use("agg")
    figure = Figure(figsize=(13, 4.6), layout="constrained", dpi=110)
    against, first, second = figure.subplots(1, 3, width_ratios=(5, 4, 4))
    second.tick_params(labelleft=False)
    is_labels = isinstance(scores[MODEL], LabelScores)
    panels = LABEL_PANELS if is_labels else RETURN_PANELS if manifest.target == RETURN else NUMBER_PANELS
    for axes, (score, (title, unit)) in zip((first, second), panels.items(), strict=True):
        draw_bars(axes, f"{title}, mean", {name: getattr(each, score) * unit for name, each in scores.items()})
    score, (title, unit) = next(iter(panels.items()))
    rival = next(name for name in scores if name != MODEL)
    named = {name: [getattr(each[name], score) * unit for each in series] for name in (rival, MODEL)}
    _draw_series(against, title, named)
    test = manifest.test
    figure.suptitle(f"{manifest.name}: {manifest.target}, {manifest.series} series, {test.first} to {test.last}")
    return figure


def _draw_series(axes: Axes, title: str, values: Mapping[str, Sequence[float]]) -> None:
    """Draw a point for each series: the score of a naive predictor, and the model's."""
    (rival, across), (model, up) = values.items()
    reach = [min(*across, *up), max(*across, *up)]
    axes.plot(reach, reach, color=MUTED, linewidth=1, label="as good as each other")
    axes.scatter(across, up, s=12, color=ACCENT, alpha=0.6, linewidths=0, label="one series")
    axes.set(xlabel=rival, ylabel=model)
    axes.set_title(title, fontsize=10)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
