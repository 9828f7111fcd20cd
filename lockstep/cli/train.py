"""`lockstep train`: from a price file to a bundle."""

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from lockstep.bundles.bundle import save_bundle
from lockstep.bundles.selfcheck import describe_reach
from lockstep.cli.tables import candidate_table, score_table
from lockstep.features.feature_set import load_feature_set
from lockstep.training.grid import Candidate, candidates, search
from lockstep.training.prices import Prices, describe_calendar, load_prices
from lockstep.training.training import DEFAULT_FEATURE_SET, DEFAULT_TEST_ROWS, Recipe, Trained, select_learning_rows
from lockstep.training.training import train as train_bundle

EXAMPLE = "Example: lockstep train data/MSFT.csv --symbol MSFT --out bundles/msft"
CALENDAR_HELP = (
    "An exchange (XNYS, XLON, … or 24/7), whose every session needs a bar; or `file` for the file's own dates. "
    "Default: XNYS where all dates are sessions of it, the few without a bar taken for closed and named; else `file`."
)


@click.command(epilog=EXAMPLE)
@click.argument("prices", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--symbol", required=True, help="What the prices are of; callers pick a bundle by it.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the bundle.")
@click.option(
    "--test-rows",
    type=click.IntRange(2),
    default=DEFAULT_TEST_ROWS,
    show_default=True,
    help="Newest bars, to evaluate on.",
)
@click.option("--calendar", help=CALENDAR_HELP)
@click.option("--features", default=DEFAULT_FEATURE_SET, show_default=True, help="Feature set, package.module:NAME.")
@click.option("--grid", is_flag=True, help="Search the tree's parameters by time-series cross-validation.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest (and the grid) as JSON and nothing else.")
def train(
    prices: Path, symbol: str, out: Path, test_rows: int, calendar: str | None, features: str, grid: bool, as_json: bool
) -> None:
    """Train a bundle from PRICES, a CSV file in the Yahoo format.

    Its columns are Date, Open, High, Low, Close, Volume and, optionally, Adj Close. The newest bars are the
    test rows; scaler and tree see only what lies before them. The calendar tells which dates are sessions;
    `file` takes the file's own dates, and every day of their week mask after them.
    """
    loaded = load_prices(prices, calendar, load_feature_set(features).adjusts)
    recipe = Recipe(out.resolve().name, symbol, loaded.source, test_rows, features)
    found = _search(loaded, recipe) if grid else []
    if found:
        recipe = msgspec.structs.replace(recipe, parameters=found[0].parameters)
    trained = train_bundle(loaded.bars, loaded.calendar, recipe)
    save_bundle(out, trained.manifest, trained.files)
    if as_json:
        click.echo(msgspec.json.encode({"manifest": trained.manifest, "grid": found}))
    else:
        _report(Console(soft_wrap=True), loaded, trained, found, out)


def _search(loaded: Prices, recipe: Recipe) -> list[Candidate]:
    learning = select_learning_rows(loaded.bars, load_feature_set(recipe.feature_set), recipe.test_rows)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("grid", total=len(candidates()))
        return search(learning, on_scored=lambda _: progress.advance(task))


def _report(console: Console, loaded: Prices, trained: Trained, found: list[Candidate], out: Path) -> None:
    manifest = trained.manifest
    if found:
        console.print(candidate_table(found))
    console.print(score_table(manifest.scores, manifest.up_rate, manifest.symbol))
    console.print(f"calendar  {describe_calendar(loaded)}", highlight=False)
    console.print(f"learning  {manifest.learning.first} … {manifest.learning.last}, {manifest.learning.rows} rows")
    console.print(f"test      {manifest.test.first} … {manifest.test.last}, {manifest.test.rows} rows")
    console.print(f"features  a row {describe_reach(load_feature_set(manifest.feature_set))}", highlight=False)
    console.print(f"bundle    {out}, digest {manifest.version[:12]}", highlight=False)
    console.print(f"next      lockstep evaluate {out}    lockstep serve {out}", highlight=False)
