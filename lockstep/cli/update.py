"""`lockstep update`: the next version of a model, which has learned from newer bars as well."""

from pathlib import Path

import click
import msgspec
from rich.console import Console

from lockstep.bundles.choosing import find_named_version
from lockstep.bundles.manifest import SeriesManifest
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.saving import save_bundle
from lockstep.bundles.series import SeriesBundle
from lockstep.cli.folders import check_lasting
from lockstep.cli.new_bars import NoUpdate, compare_bars
from lockstep.cli.price_options import price_options, read_prices
from lockstep.cli.updated import Updated, describe_updated, print_updated
from lockstep.data.price_files.form import PriceForm
from lockstep.training.prices import Prices, take_prices
from lockstep.training.rebuilding import rebuild_recipe, train_again
from lockstep.training.recipe import Recipe
from lockstep.training.split import split_rows

CHOSEN = " without "
"""In the name of a calendar that was chosen by the dates of a file, whose holes it takes for closed days."""
INSTEAD = {"table": "lockstep train-table ROWS --target COLUMN", "panel": "lockstep train-panel PRICES"}


@click.command(epilog="Example: lockstep update msft MSFT.csv")
@click.argument("model")
@click.argument("prices", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@price_options
@click.option("--json", "as_json", is_flag=True, help="Print the manifest and what changed as JSON and nothing else.")
def update(model: str, prices: Path, as_json: bool, price_form: PriceForm) -> None:
    """Train the next version of MODEL on PRICES, which has the bars of its training and newer ones.

    MODEL is a model of the application, NAME or NAME/VERSION, or the folder of a model or of a version. The recipe is
    that of this version: target, features, scaler, estimator, intervals and selection. PRICES is a price
    file as `lockstep train` reads it; everything is learned from it alone. Printed is what is new in the file, and the
    scores of both versions. The new version answers after `lockstep models promote`.
    """
    folder = find_named_version(model)
    check_lasting(folder)
    bundle = load_bundle(folder)
    if not isinstance(bundle, SeriesBundle):
        kind = bundle.manifest.kind
        raise NoUpdate(f"{model} is a model of a {kind}, which is trained anew: {INSTEAD[kind]} --out {folder.parent}")
    recipe = rebuild_recipe(folder)
    file = read_prices(prices, price_form)
    loaded = take_prices(file, _name_calendar(bundle.manifest), recipe.feature_set.features)
    found = compare_bars(bundle.bars, loaded.bars, file.name)
    trained = train_again(_complete(recipe, bundle, loaded), loaded)
    saved = save_bundle(folder.parent, trained.manifest, trained.files)
    updated = Updated(found, folder, bundle.manifest, saved, trained.manifest)
    if as_json:
        click.echo(msgspec.json.encode(describe_updated(updated)))
    else:
        print_updated(Console(soft_wrap=True, markup=False, highlight=False), updated)


def _name_calendar(manifest: SeriesManifest) -> str | None:
    """Return what `--calendar` was, or would have had to be."""
    name = manifest.schema.calendar.name
    return None if CHOSEN in name else name


def _complete(recipe: Recipe, bundle: SeriesBundle, prices: Prices) -> Recipe:
    """Return the recipe of a bundle for newer prices; a number of test rows that was asked for is kept."""
    manifest = bundle.manifest
    by_default = split_rows(len(bundle.bars), manifest.feature_set.lookback_bars, manifest.horizon_bars).test_rows
    test_rows = None if manifest.test.rows == by_default else manifest.test.rows
    return msgspec.structs.replace(recipe, symbol=manifest.symbol, source=prices.source, test_rows=test_rows)
