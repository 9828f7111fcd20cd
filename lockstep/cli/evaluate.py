"""`lockstep evaluate`: score a bundle anew and draw the picture."""

from dataclasses import replace
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from lockstep.bundles.baselines import compare_with_baseline
from lockstep.bundles.bundle import Bundle
from lockstep.bundles.calibration import measure_intervals, measure_reliability
from lockstep.bundles.choosing import find_named_version
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.scoring_intervals import Evidence, score_intervals
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.bundles.series_scores import score_series
from lockstep.bundles.shown_verdict import show_verdict
from lockstep.bundles.table import TableBundle
from lockstep.cli.calibration_tables import conformal_table, reliability_table
from lockstep.cli.one_series import load_one_series
from lockstep.cli.saved import print_verdict
from lockstep.cli.scored import Scored
from lockstep.cli.scored_panel import show_panel
from lockstep.cli.steps import Steps
from lockstep.cli.tables import interval_table, score_table, table_score_table
from lockstep.report_card.building import make_report_card
from lockstep.report_card.page import render_page
from lockstep.training.evaluation import evaluate as evaluate_series
from lockstep.training.learning import rebuild_learning_targets
from lockstep.training.named_targets import find_target
from lockstep.training.panel.scoring import score_panel
from lockstep.training.picture import draw_evaluation, save_picture
from lockstep.training.table_picture import draw_table_evaluation

PICTURE = Path("evaluation.png")
SUFFIXES = {"picture": ".png", "html": ".html"}


def _check_suffix(_context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    suffix = SUFFIXES[str(option.name)]
    if path is not None and path.suffix.lower() != suffix:
        raise click.BadParameter(f"{path} does not end in {suffix}")
    return path


@click.command(epilog="Example: lockstep evaluate models/msft --html report.html")
@click.argument("model")
@click.option(
    "--picture",
    callback=_check_suffix, type=click.Path(dir_okay=False, path_type=Path),
    help=f"Where to draw predicted against realised, and the errors beside the baselines; {PICTURE} without --html.",
)  # fmt: skip
@click.option(
    "--html",
    callback=_check_suffix, type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the report card: a page with charts and tables that needs no other file.",
)  # fmt: skip
@click.option("--symbol", help="The series of a panel to score; without it all are, together and one by one.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON; draw nothing that is not asked for.")
def evaluate(model: str, picture: Path | None, html: Path | None, symbol: str | None, as_json: bool) -> None:
    """Score MODEL on its test rows beside naive predictors, and draw it.

    MODEL is a model of the application, NAME or NAME/VERSION, or the folder of a model or of a version. The predictions
    are computed anew from the bundle's bars or rows, and its model. An R² below 0 is worse than answering with the
    mean: it is shown as it is. Of a panel, the means over its series are shown, and the best and the worst series.
    """
    folder = find_named_version(model)
    loaded = load_bundle(folder) if symbol is None else load_one_series(folder, symbol)
    if isinstance(loaded, PanelBundle) and html is not None:
        raise click.UsageError("a report card is of one series: name it with --symbol")
    scored = _score(loaded, folder)
    if picture is None and html is None and not as_json:
        picture = PICTURE
    if picture is not None:
        save_picture(scored.draw(), picture)
    if html is not None:
        html.write_text(render_page(make_report_card(loaded, int(folder.resolve().name))), encoding="utf-8")
    if as_json:
        click.echo(msgspec.json.encode(scored.printed))
        return
    console = Console(soft_wrap=True, markup=False)
    console.print(*scored.tables, sep="\n")
    print_verdict(console, scored.judged)
    for name, path in (("picture", picture), ("report", html)):
        if path is not None:
            console.print(f"{name:<9} {path}", highlight=False)


def _score(bundle: Bundle, folder: Path) -> Scored:
    if isinstance(bundle, TableBundle):
        return _add_reliability(_score_table(bundle), bundle)
    if isinstance(bundle, PanelBundle):
        with Progress(console=Console(stderr=True)) as progress:
            series = score_panel(bundle, find_target(bundle.manifest, folder), Steps(progress))
        return show_panel(bundle.manifest, series)
    return _add_reliability(_score_series(as_series(bundle), folder), bundle)


def _score_series(bundle: SeriesBundle, folder: Path) -> Scored:
    manifest = bundle.manifest
    target = find_target(manifest, folder)
    evaluation = evaluate_series(bundle, target)
    learned = rebuild_learning_targets(manifest, bundle.bars, target)
    scored = score_series(evaluation, target.name, learned, manifest.classes)
    printed: dict[str, object] = {"symbol": manifest.symbol, "scores": scored.scores, "up_rate": scored.up_rate}
    tables = [score_table(manifest, scored.scores, scored.up_rate)]
    if interval := bundle.forecaster.interval:
        evidence = Evidence(bundle.bars, learned, evaluation, bundle.predict_evaluated().stages)
        interval_scores = score_intervals(evidence, interval)
        printed["interval"] = interval_scores
        tables.append(interval_table(interval_scores))
    return Scored(printed, tables, lambda: draw_evaluation(evaluation, manifest, scored.scores), show_verdict(manifest))


def _score_table(bundle: TableBundle) -> Scored:
    manifest, evaluation = bundle.manifest, bundle.evaluation
    scores = compare_with_baseline(evaluation.y_true, bundle.predict_evaluated().stages, bundle.baseline)
    printed: dict[str, object] = {"target": manifest.target, "scores": scores}
    tables = [table_score_table(manifest, scores)]
    if coverages := measure_intervals(bundle):
        printed["intervals"] = coverages
        tables.append(conformal_table(manifest.name, coverages))
    return Scored(printed, tables, lambda: draw_table_evaluation(evaluation, manifest, scores))


def _add_reliability(scored: Scored, bundle: Bundle) -> Scored:
    """Return the same with how often the probabilities came true, if the model has any."""
    found = measure_reliability(bundle)
    if not found:
        return scored
    tables = [*scored.tables, reliability_table(bundle.manifest.name, found[0])]
    return replace(scored, printed={**scored.printed, "reliability": found}, tables=tables)
