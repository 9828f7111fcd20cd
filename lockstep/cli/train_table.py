"""`lockstep train-table`: from a table to a bundle."""

from pathlib import Path

import click
import msgspec
from rich.console import Console

from lockstep.bundles.saving import check_model_folder, save_bundle
from lockstep.cli.numbers import Count, Share
from lockstep.cli.saved import describe_prediction, print_saved
from lockstep.cli.tables import table_score_table
from lockstep.training.table_columns import Typed, describe_types, find_keys
from lockstep.training.table_file import find_estimator, load_table
from lockstep.training.table_rows import TableRecipe
from lockstep.training.table_split import DEFAULT_EVALUATION_ROWS, DEFAULT_SEED, DEFAULT_TEST_SHARE, Holdout
from lockstep.training.table_target import KINDS, Task
from lockstep.training.table_training import TrainedTable
from lockstep.training.table_training import train_table as train_bundle

EXAMPLE = "Example: lockstep train-table iris.csv --target species --out models/iris"
ESTIMATOR_HELP = (
    'A short name (forest, ridge, logistic, …) or "sklearn.ensemble:RandomForestClassifier(n_estimators=50)". Default: '
    "histogram gradient boosting, which takes gaps and categories; with text a linear model."
)
TASK_HELP = "What the target is for, where text and few whole numbers should not be labels, or others should."


@click.command("train-table", epilog=EXAMPLE)
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", required=True, help="Column to predict: labels or numbers.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the model that gets the bundle as its next version, such as models/iris.",
)  # fmt: skip
@click.option("--estimator", help=ESTIMATOR_HELP)
@click.option("--task", type=click.Choice(list(KINDS)), help=TASK_HELP)
@click.option("--id", "row_id", help="Column whose cells name the rows; default: their places in the file, from 0.")
@click.option(
    "--test-share", type=Share(DEFAULT_TEST_SHARE), default=DEFAULT_TEST_SHARE, show_default=True,
    help="Share of test rows.",
)  # fmt: skip
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Chooses which rows are test rows.")
@click.option(
    "--evaluation-rows",
    type=Count(DEFAULT_EVALUATION_ROWS, "; a share is for --test-share"),
    default=DEFAULT_EVALUATION_ROWS,
    show_default=True,
    help="Most test rows: they ship with the bundle.",
)
@click.option("--category", "categories", multiple=True, help="Column of categories that look like numbers or text.")
@click.option("--drop", "dropped", multiple=True, metavar="COLUMN", help="Leave the column out; repeatable.")
@click.option("--text", "texts", multiple=True, help="Column of free text.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON and nothing else.")
def train_table(
    data: Path, target: str, out: Path, estimator: str | None, task: Task | None, row_id: str | None, test_share: float,
    seed: int, evaluation_rows: int, categories: tuple[str, ...], texts: tuple[str, ...], dropped: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Train a bundle from DATA, a CSV or Parquet file with a header, and save it as the next version of a model.

    Every column but the target, the key and those of --drop is read: numbers, whole numbers, categories (text that
    repeats) or free text. An empty cell is a missing value. The model learns from all rows but the test rows. The
    first version of a model becomes its champion; `lockstep models promote` moves the alias to a later one.
    """
    check_model_folder(out)
    loaded = load_table(data, dropped)
    recipe = TableRecipe(
        out.resolve().name,
        target,
        None if estimator is None else find_estimator(estimator, loaded.table, target, task),
        row_id,
        task,
        Typed(categories, texts),
        Holdout(test_share, seed, evaluation_rows),
        loaded.source,
    )
    trained = train_bundle(loaded.table, recipe)
    folder = save_bundle(out, trained.manifest, trained.files)
    if as_json:
        click.echo(msgspec.json.encode({"manifest": trained.manifest}))
    else:
        console = Console(soft_wrap=True, markup=False)
        _report(console, trained, folder)
        for name in find_keys(loaded.table, trained.manifest.schema):
            console.print(f"hint      every cell of {name} is another word: if they name the rows, pass --id {name}")


def _report(console: Console, trained: TrainedTable, folder: Path) -> None:
    manifest = trained.manifest
    console.print(table_score_table(manifest, manifest.scores))
    for name, line in _describe(trained):
        console.print(f"{name:<9} {line}", highlight=False)
    print_saved(console, manifest, folder)


def _describe(trained: TrainedTable) -> list[tuple[str, str]]:
    """Return what was chosen, as a name and a line each."""
    manifest, target = trained.manifest, trained.target
    estimator = manifest.estimator[-1].estimator.rpartition(".")[2]
    test_rows = (
        f"{manifest.test_rows} rows, seed {manifest.seed}: their cells ship with the bundle, in rows.csv; "
        "--evaluation-rows bounds them"
    )
    return [
        ("target", f"{target.name}: {target.task}, {target.reason}"),
        *(("columns", line) for line in describe_types(manifest.schema)),
        ("model", f"{estimator}, {describe_prediction(trained)}"),
        *(("set", parameter) for parameter in trained.notes),
        ("learning", f"{manifest.learning_rows} rows"),
        ("test", test_rows),
    ]
