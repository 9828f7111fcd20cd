"""Score every series of a panel anew: all together, and the best and the worst of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from lockstep.bundles.baselines import MODEL
from lockstep.bundles.evaluation import lay_out_stages
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.panels.index import average_scores
from lockstep.bundles.scores import AnyScores, LabelScores, NumberScores, ReturnScores
from lockstep.bundles.series import SeriesBundle
from lockstep.bundles.series_scores import score_series
from lockstep.bundles.shown_scores import COLUMNS, show_scores
from lockstep.bundles.shown_verdict import show_panel_verdict
from lockstep.cli.scored import Scored
from lockstep.cli.tables import panel_score_table
from lockstep.predict.intervals import EVALUATED_LEVELS, find_bounds
from lockstep.predict.stages import HALF_WIDTH
from lockstep.training.evaluation import record_evaluation
from lockstep.training.panel.picture import draw_panel
from lockstep.training.target import Target
from lockstep.worth.intervals import Intervals, coverage

SHOWN_SERIES = 5
"""How many of the best series are listed, and of the worst."""
LEVEL = 80
RANKED_BY: Mapping[type[AnyScores], str] = {ReturnScores: "rmae", NumberScores: "r2", LabelScores: "accuracy"}
"""The score by which series are compared: one without a unit, for prices of some series move more than others'."""
BETTER_IF_LESS = ("rmae",)
LEFT_OUT = ("MSE", "RMSE", "bias", "MASE", "RMSSE")
"""Headings of scores that are not listed of each series, for a terminal has not the width."""


@dataclass(frozen=True)
class ScoredSeries:
    """The scores of one series, the number of its test rows, and the share that its intervals of `LEVEL` % covered."""

    test_rows: int
    scores: Mapping[str, AnyScores]
    up_rate: float | None
    coverage: float | None

    @property
    def ranked_by(self) -> str:
        """Return the name of the score by which the series is compared with others."""
        return RANKED_BY[type(self.scores[MODEL])]

    @property
    def rank(self) -> tuple[bool, float]:
        """Return what series are sorted by, the best first; a series whose score is not known is last."""
        value = getattr(self.scores[MODEL], self.ranked_by)
        if not isinstance(value, float):
            return True, 0.0
        return False, value if self.ranked_by in BETTER_IF_LESS else -value


def score_panel(bundle: PanelBundle, target: Target) -> Scored:
    """Return what is shown of a panel: the means over its series, and the best and the worst series."""
    series: dict[str, ScoredSeries] = {}
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("evaluate", total=len(bundle.index))
        for symbol in bundle.index.symbols:
            series[symbol] = _score_series(bundle.pick(symbol), target)
            progress.advance(task)
    scores = average_scores([each.scores for each in series.values()])
    return Scored(
        {"model": bundle.manifest.name, "scores": scores, "series": series},
        [panel_score_table(bundle.manifest, scores), _list_series(series)],
        lambda: draw_panel(bundle.manifest, scores, [each.scores for each in series.values()]),
        show_panel_verdict(bundle.manifest),
    )


def _score_series(bundle: SeriesBundle, target: Target) -> ScoredSeries:
    classes, stages = bundle.manifest.classes, bundle.predict_evaluated().stages
    evaluation = record_evaluation(bundle.forecaster, bundle.bars, target, lay_out_stages(stages, classes))
    learned = target.build(bundle.bars)[bundle.learning_rows]
    scored = score_series(evaluation, target.name, learned, classes)
    covered = None
    if HALF_WIDTH in stages:
        half_width = stages[HALF_WIDTH][evaluation.realised, EVALUATED_LEVELS.index(LEVEL)]
        intervals = Intervals(LEVEL, *find_bounds(half_width))
        covered = coverage(evaluation.y_true[evaluation.realised], intervals)
    return ScoredSeries(evaluation.dates.size, scored.scores, scored.up_rate, covered)


def _list_series(series: Mapping[str, ScoredSeries]) -> Table:
    """Return the best and the worst series, all if they are few: the model's scores, and the coverage of intervals."""
    ranked = sorted(series, key=lambda symbol: series[symbol].rank)
    first = series[ranked[0]]
    name = COLUMNS[first.ranked_by][0]
    table = Table("series", title=f"series by {name}, the best first")
    shown = {symbol: _show(series[symbol].scores) for symbol in ranked}
    with_intervals = first.coverage is not None
    for heading in ("test rows", *shown[ranked[0]], *([f"{LEVEL} % covered"] if with_intervals else [])):
        table.add_column(heading, justify="right")
    n_left_out = len(ranked) - 2 * SHOWN_SERIES
    for place, symbol in enumerate(ranked):
        if n_left_out <= 0 or not SHOWN_SERIES <= place < len(ranked) - SHOWN_SERIES:
            each = series[symbol]
            covered = [f"{each.coverage:.4f}"] if each.coverage is not None else []
            table.add_row(symbol, str(each.test_rows), *shown[symbol].values(), *covered)
        elif place == SHOWN_SERIES:
            table.add_row(f"… {n_left_out} more")
    return table


def _show(scores: Mapping[str, AnyScores]) -> dict[str, str]:
    return {heading: shown for heading, shown in show_scores(scores)[MODEL].items() if heading not in LEFT_OUT}
