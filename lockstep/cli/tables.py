"""Tables that more than one command prints."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from lockstep.bundles.baselines import MODEL
from lockstep.bundles.entries import DIRECTION, RETURN
from lockstep.bundles.interval_scores import IntervalScores
from lockstep.bundles.manifest import BarsManifest, PanelManifest, SeriesManifest, TableManifest
from lockstep.bundles.scores import AnyScores
from lockstep.bundles.selections import SelectionEntry
from lockstep.bundles.shown_scores import COLUMNS, COVERAGE, show_level, show_scores
from lockstep.cli.calibration_tables import BEYOND, CHANCE
from lockstep.training.grid import Candidate
from lockstep.worth.significance import CRITICAL_T


def score_table(manifest: SeriesManifest, scores: Mapping[str, AnyScores], up_rate: float | None) -> Table:
    """Return the scores of the model of a series beside those of the naive baselines, a line for each score."""
    title = f"{manifest.symbol}: {describe_target(manifest)}, test rows"
    return _compare_scores(title, _describe_up_rate(manifest, up_rate), scores)


def panel_score_table(manifest: PanelManifest, scores: Mapping[str, AnyScores]) -> Table:
    """Return the means of the scores over the series of a panel, a line for each score."""
    title = f"{manifest.name}: {describe_target(manifest)}, means over {manifest.series} series"
    return _compare_scores(title, None, scores)


def _compare_scores(title: str, caption: str | None, scores: Mapping[str, AnyScores]) -> Table:
    table = Table("score", title=title, caption=caption, caption_justify="left")
    shown = show_scores(scores)
    for name in shown:
        table.add_column(name, justify="right")
    for heading in shown[MODEL]:
        table.add_row(heading, *(each.get(heading, "-") for each in shown.values()))
    return table


def interval_table(scores: IntervalScores) -> Table:
    """Return what the intervals of a series are worth, a column for each level."""
    caption = (
        f"WIS {scores.wis:.6f}, the weighted interval score of all levels\n"
        f"scale: R² {scores.scale_r2:.4f} as a forecast of how far the close moves; EWMA: {scores.ewma_r2:.4f}\n"
        "The scale is a mean of the newest true ranges. Every width is made of it."
    )
    if any(each.is_beyond_chance for each in scores.levels):
        caption += f"\n{CHANCE}"
    title = "intervals around no change, test rows"
    table = Table("score", title=title, caption=caption, caption_justify="left")
    for each in scores.levels:
        table.add_column(f"{each.level} %", justify="right")
    for lines in zip(*(show_level(each).items() for each in scores.levels), strict=True):
        heading = lines[0][0]
        stars = (BEYOND if heading == COVERAGE and each.is_beyond_chance else "" for each in scores.levels)
        table.add_row(heading, *(f"{cell}{star}" for (_, cell), star in zip(lines, stars, strict=True)))
    return table


def table_score_table(manifest: TableManifest, scores: Mapping[str, AnyScores]) -> Table:
    """Return the scores of the model of a table beside those of the baseline, a line for each predictor."""
    table = Table("predictor", title=f"{manifest.name}: {manifest.target}, test rows")
    shown = show_scores(scores)
    for heading in next(iter(shown.values())):
        table.add_column(heading, justify="right")
    for name, cells in shown.items():
        table.add_row(name, *cells.values())
    return table


def describe_target(manifest: BarsManifest) -> str:
    """Return what is forecast, for people."""
    ahead = "next bar" if manifest.horizon_bars == 1 else f"{manifest.horizon_bars} bars ahead"
    if manifest.target == RETURN:
        return "next bar's gross return" if manifest.horizon_bars == 1 else f"gross return, {ahead}"
    return f"{manifest.target}, {ahead}"


def _describe_up_rate(manifest: SeriesManifest, up_rate: float | None) -> str | None:
    if up_rate is None:
        return None
    shown = f"{up_rate:.4f} of the realised"
    return f"{shown} directions are up" if manifest.target == DIRECTION else f"{shown} returns are above 1"


def candidate_table(found: Sequence[Candidate]) -> Table:
    """Return every candidate of a grid search, the best first."""
    scores = list(found[0].scores)
    in_units = {"mse": 1e4}
    caption = "MSE in units of 1e-4" if "mse" in scores else None
    title = "grid: means over the validation folds; the first is taken"
    table = Table(title=title, caption=caption, caption_justify="left")
    names = [name for name in found[0].parameters if len({str(each.parameters[name]) for each in found}) > 1]
    for heading in (*(name.replace("_", " ") for name in names), *(COLUMNS[name][0] for name in scores)):
        table.add_column(heading, justify="right")
    for candidate in found:
        parameters = [str(candidate.parameters[name]) for name in names]
        cells = [f"{candidate.scores[name] * in_units.get(name, 1.0):.6f}" for name in scores]
        table.add_row(*parameters, *cells)
    return table


def selection_table(selection: SelectionEntry) -> Table:
    """Return every candidate of a selection in the order they were tried, the chosen one marked."""
    table = Table(
        "", "candidate", title='selection: walk-forward folds beside "no change"', caption_justify="left",
        caption=f"t of Diebold and Mariano, above 0 if worse; the gate is {-CRITICAL_T}\nλ shrinks towards no change",
    )  # fmt: skip
    for heading in ("λ", "t", "MSE ratio"):
        table.add_column(heading, justify="right")
    for each in selection.candidates:
        mark, found = "*" if each is selection.served else "", each.walk_forward
        ratio = "-" if found.mse_ratio is None else f"{found.mse_ratio:.4f}"
        table.add_row(mark, each.estimator, f"{each.shrinkage:g}", f"{found.t:.2f}", ratio)
    return table
