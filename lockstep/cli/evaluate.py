"""`lockstep evaluate`: score a bundle anew and draw the picture."""

from pathlib import Path

import click
import msgspec
from rich.console import Console

from lockstep.applications import find_application
from lockstep.bundles.reading import load_series
from lockstep.bundles.versions import resolve_version
from lockstep.cli.tables import score_table
from lockstep.training.evaluation import evaluate as evaluate_series
from lockstep.training.learning import rebuild_learning_targets
from lockstep.training.named_targets import load_target
from lockstep.training.picture import draw_evaluation, save_picture
from lockstep.training.series_scores import score_series


def _check_png(_context: click.Context, _option: click.Parameter, path: Path) -> Path:
    if path.suffix.lower() != ".png":
        raise click.BadParameter(f"{path} does not end in .png")
    return path


@click.command(epilog="Example: lockstep evaluate models/msft --picture evaluation.png")
@click.argument("bundle", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--picture",
    callback=_check_png, default="evaluation.png", show_default=True, type=click.Path(dir_okay=False, path_type=Path),
    help="Where to draw predicted against realised, and the errors beside the baselines.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON and draw nothing.")
def evaluate(bundle: Path, picture: Path, as_json: bool) -> None:
    """Score BUNDLE, a version or a model's champion, on its test rows beside naive predictors, and draw it.

    The predictions are computed anew from the bundle's bars and model. An R² below 0 is worse than answering with
    the mean: it is shown as it is.
    """
    folder = resolve_version(bundle)
    loaded = load_series(folder)
    manifest = loaded.manifest
    application = find_application(folder.resolve().parents[1], Path.cwd())
    target = load_target(manifest.target, manifest.horizon_bars, application)
    evaluation = evaluate_series(loaded, target)
    scored = score_series(evaluation, target, rebuild_learning_targets(manifest, loaded.bars, target))
    if as_json:
        printed = {"symbol": manifest.symbol, "scores": scored.scores, "up_rate": scored.up_rate}
        click.echo(msgspec.json.encode(printed))
        return
    save_picture(draw_evaluation(evaluation, manifest, scored.scores), picture)
    console = Console()
    console.print(score_table(manifest, scored.scores, scored.up_rate))
    console.print(f"picture  {picture}", highlight=False)
