"""`lockstep import`: from a model that is already fitted to a bundle."""

from pathlib import Path

import click
from rich.console import Console

from lockstep.applications import find_application
from lockstep.bundles.saving import check_model_folder, save_bundle
from lockstep.cli.numbers import Count
from lockstep.cli.saved import describe_prediction, print_saved
from lockstep.cli.tables import table_score_table
from lockstep.training.import_table import import_model as seal_imported
from lockstep.training.import_table import open_imported
from lockstep.training.importing import (
    ImportedModel,
    ModelFile,
    check_digest,
    find_mlflow_model,
    import_file,
    read_model_file,
)
from lockstep.training.table_columns import Typed
from lockstep.training.table_file import load_table
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_split import DEFAULT_EVALUATION_ROWS, Holdout
from lockstep.training.table_training import TrainedTable

EXAMPLE = "Example: lockstep import model.joblib rows.csv --target species --out models/iris"


@click.command("import", epilog=EXAMPLE)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="[MODEL] ROWS",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--mlflow", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of an MLflow model."
)
@click.option("--target", required=True, help="Column of the rows that the model predicts.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the model that gets the bundle as its next version, such as models/iris.",
)  # fmt: skip
@click.option("--sha256", help="The SHA-256 that the model's file must have; without it, it is shown first.")
@click.option("--yes", is_flag=True, help="Do not ask whether the file is the right one.")
@click.option("--id", "row_id", help="Column whose cells name the rows; default: their places in the file, from 0.")
@click.option(
    "--evaluation-rows", type=Count(DEFAULT_EVALUATION_ROWS), default=DEFAULT_EVALUATION_ROWS, show_default=True,
    help="Most rows to seal.",
)  # fmt: skip
@click.option("--category", "categories", multiple=True, help="Column of categories that look like numbers or text.")
@click.option("--text", "texts", multiple=True, help="Column of free text.")
def import_model(
    paths: tuple[Path, ...], mlflow: Path | None, target: str, out: Path, sha256: str | None, yes: bool,
    row_id: str | None, evaluation_rows: int, categories: tuple[str, ...], texts: tuple[str, ...],
) -> None:  # fmt: skip
    """Seal a fitted model as the next version of a model: MODEL ROWS, or with --mlflow ROWS alone.

    MODEL is a pickle or a file of joblib. It is read by a process of its own, and only if it is made of classes that
    Lockstep knows or that lockstep.toml trusts. ROWS is a CSV or Parquet file with the columns that the model reads
    and the target. The rows become the bundle's evaluation; they ship with it.
    """
    if len(paths) != (1 if mlflow else 2):
        raise click.UsageError("name MODEL and ROWS, or with --mlflow DIR only ROWS")
    check_model_folder(out)
    file = read_model_file(find_mlflow_model(mlflow) if mlflow else paths[0])
    confirm_file(file, sha256, yes)
    application = find_application()
    imported = import_file(file, application)
    fitted, trusted = open_imported(imported, application)
    loaded = load_table(paths[-1])
    recipe = TableRecipe(
        out.resolve().name, target, row_id=row_id, typed=Typed(categories, texts),
        holdout=Holdout(max_rows=evaluation_rows), source=loaded.source, trusted=trusted,
    )  # fmt: skip
    sealed = seal_imported(fitted, loaded.table, recipe)
    folder = save_bundle(out, sealed.manifest, sealed.files)
    _report(Console(soft_wrap=True, markup=False), imported, sealed, folder)


def confirm_file(file: ModelFile, sha256: str | None, yes: bool) -> None:
    """Compare the file's digest with the one that was named, or show it and ask."""
    if sha256 is not None:
        check_digest(file, sha256)
        return
    click.echo(f"{file.name}: {len(file.content)} bytes, SHA-256 {file.sha256}", err=True)
    if not yes:
        click.confirm("Is this the file that you mean?", abort=True, err=True)


def _report(console: Console, imported: ImportedModel, sealed: TrainedTable, folder: Path) -> None:
    manifest = sealed.manifest
    console.print(table_score_table(manifest, manifest.scores))
    console.print(f"model     {', '.join(imported.classes)}, {describe_prediction(sealed)}", highlight=False)
    for name in imported.trusted:
        console.print(f"trusted   {name}, code of the application", highlight=False)
    console.print(f"rows      {manifest.test_rows}: their cells ship with the bundle, in rows.csv", highlight=False)
    print_saved(console, manifest, folder)
