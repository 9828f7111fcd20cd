"""What `lockstep evaluate` shows of a panel: all series together, and the best and the worst of them."""

from collections.abc import Mapping

from rich.table import Table

from lockstep.bundles.baselines import MODEL
from lockstep.bundles.manifest import PanelManifest
from lockstep.bundles.panels.means import average_scores
from lockstep.bundles.scores import AnyScores, LabelScores, NumberScores, ReturnScores
from lockstep.bundles.shown_scores import COLUMNS, show_scores
from lockstep.bundles.shown_verdict import show_panel_verdict
from lockstep.cli.scored import Scored
from lockstep.cli.tables import panel_score_table
from lockstep.training.panel.picture import draw_panel
from lockstep.training.panel.scoring import LEVEL, ScoredSeries

SHOWN_SERIES = 5
"""How many of the best series are listed, and of the worst."""
RANKED_BY: Mapping[type[AnyScores], str] = {ReturnScores: "rmae", NumberScores: "r2", LabelScores: "accuracy"}
"""The score by which series are compared: one without a unit, for prices of some series move more than others'."""
BETTER_IF_LESS = ("rmae",)
LEFT_OUT = ("MSE", "RMSE", "bias", "MASE", "RMSSE")
"""Headings of scores that are not listed of each series, for a terminal has not the width."""


def show_panel(manifest: PanelManifest, series: Mapping[str, ScoredSeries]) -> Scored:
    """Return what is shown of a panel: the means over its series, and the best and the worst series."""
    scores = average_scores([each.scores for each in series.values()])
    return Scored(
        {"model": manifest.name, "scores": scores, "series": series},
        [panel_score_table(manifest, scores), _list_series(series)],
        lambda: draw_panel(manifest, scores, [each.scores for each in series.values()]),
        show_panel_verdict(manifest),
    )


def _rank(series: ScoredSeries) -> tuple[bool, float]:
    """Return what series are sorted by, the best first; a series whose score is not known is last."""
    name = _name_rank(series)
    value = getattr(series.scores[MODEL], name)
    return (False, value if name in BETTER_IF_LESS else -value) if isinstance(value, float) else (True, 0.0)


def _name_rank(series: ScoredSeries) -> str:
    return RANKED_BY[type(series.scores[MODEL])]


def _list_series(series: Mapping[str, ScoredSeries]) -> Table:
    """Return the best and the worst series, all if they are few: the model's scores, and the coverage of intervals."""
    ranked = sorted(series, key=lambda symbol: _rank(series[symbol]))
    first = series[ranked[0]]
    name = COLUMNS[_name_rank(first)][0]
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
