"""`lockstep evaluate`: score a bundle anew and draw the picture."""

from pathlib import Path

import click
import msgspec
from rich.console import Console

from lockstep.bundles.reading import load_series
from lockstep.bundles.scores import compare_with_naive, up_rate
from lockstep.bundles.versions import resolve_version
from lockstep.cli.tables import score_table
from lockstep.training.evaluation import evaluate as evaluate_bars
from lockstep.training.picture import draw_evaluation, save_picture
from lockstep.training.training import mean_learning_return


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
    """Score BUNDLE, a version or a model's champion, on its test rows beside two naive predictors, and draw it.

    The predictions are computed anew from the bundle's bars, scaler and tree. An R² below 0 is worse than
    answering with the mean: it is shown as it is.
    """
    loaded = load_series(resolve_version(bundle))
    manifest = loaded.manifest
    evaluation = evaluate_bars(loaded.forecaster, loaded.bars, manifest.test.rows, manifest.classes)
    y_true = evaluation.y_true[evaluation.realised]
    scores = compare_with_naive(
        y_true, evaluation.y_pred[evaluation.realised], mean_learning_return(manifest, loaded.bars)
    )
    if as_json:
        click.echo(msgspec.json.encode({"symbol": manifest.symbol, "scores": scores, "up_rate": up_rate(y_true)}))
        return
    save_picture(draw_evaluation(evaluation, manifest, scores), picture)
    console = Console()
    console.print(score_table(scores, up_rate(y_true), manifest.symbol))
    console.print(f"picture  {picture}", highlight=False)
