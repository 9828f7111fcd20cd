"""`lockstep train`: from a price file to a bundle."""

import os
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from lockstep.applications import INIT, Application, find_application
from lockstep.bundles.entries import RETURN
from lockstep.bundles.saving import check_model_folder, check_model_symbol, save_bundle
from lockstep.bundles.versions import check_name
from lockstep.cli.choices import DEFAULT_GRID, Choices, complete_recipe
from lockstep.cli.numbers import Count
from lockstep.cli.price_options import price_options, read_prices
from lockstep.cli.trained import Report, print_trained
from lockstep.data.price_files.form import PriceForm
from lockstep.data.price_files.reading import PriceFile
from lockstep.data.texts import check_symbol
from lockstep.errors import InvalidBundle
from lockstep.features.loading import load_feature_set
from lockstep.training.prices import WITHOUT_VOLUME, find_volume_fault, take_prices
from lockstep.training.recipe import DEFAULT_FEATURE_SET, Recipe
from lockstep.training.training import train as train_bundle

EXAMPLE = "Example: lockstep train data/MSFT.csv --symbol MSFT --out models/msft"
ESTIMATOR_HELP = (
    'tree, forest, hist-boosting, ridge, logistic, …, with parameters such as "forest(n_estimators=50)", or a class '
    'such as "sklearn.linear_model:Ridge(alpha=2.0)". Default: degree-2 terms and a tree.'
)
SCALER_HELP = "standard, minmax, robust, maxabs, none, or a class as for --estimator.  [default: standard]"
TARGET_HELP = (
    "`return`, the close at the horizon over the close; `direction`, up or down; or a function of yours, FILE.py:NAME "
    "or package.module:NAME."
)
GRID_HELP = (
    "Search parameters by time-series cross-validation: '{\"max_depth\": [3, 6]}', or a JSON or TOML file. Without a "
    "value: those of the default tree."
)
SELECT_HELP = (
    'Try a tree, a forest, boosting and a linear model, each shrunk towards "no change", on walk-forward folds of the '
    'learning rows. The best is taken if it does significantly better than "no change"; else "no change" is.'
)
FEATURES_HELP = "Feature set: the name of a file in preprocessing/, FILE.py:NAME, or package.module:NAME."
INTERVAL_HELP = (
    'Intervals around "no change", for a return: `auto` up to the horizon at which they were shown to be worth having, '
    "`experimental` at any, or `none`."
)
CALENDAR_HELP = (
    "An exchange (XNYS, XLON, … or 24/7), whose every session needs a bar; or `file` for the file's own dates. "
    "Default: XNYS if all dates are sessions of it, else `file`. Few sessions without a bar are then taken for closed "
    "and named: at most 1 % of them, and 5 in a row."
)


def read_symbol(_context: click.Context, _option: click.Parameter, symbol: str) -> str:
    """Return the symbol; refuse what is none."""
    try:
        check_symbol(symbol)
    except InvalidBundle as error:
        raise click.BadParameter(str(error)) from error
    return symbol


@click.command(epilog=EXAMPLE)
@click.argument("prices", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--symbol", required=True, callback=read_symbol, help="What the prices are of.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the model that gets the bundle as its next version; default: models/SYMBOL of the application.",
)  # fmt: skip
@click.option("--target", default=RETURN, show_default=True, help=TARGET_HELP)
@click.option(
    "--horizon", "horizon_bars", type=Count(5), default=1, show_default=True, help="Bars ahead of the newest."
)
@click.option("--estimator", help=ESTIMATOR_HELP)
@click.option("--scaler", help=SCALER_HELP)
@click.option(
    "--test-rows", type=Count(250),
    help="Newest bars, to evaluate on. Default: 961, but at most a third of the usable bars.",
)  # fmt: skip
@click.option(
    "--interval", type=click.Choice(["auto", "none", "experimental"]), default="auto", show_default=True,
    help=INTERVAL_HELP,
)  # fmt: skip
@click.option("--calendar", help=CALENDAR_HELP)
@price_options
@click.option("--features", help=f"{FEATURES_HELP}  [default: {DEFAULT_FEATURE_SET}; without volume: {WITHOUT_VOLUME}]")
@click.option("--grid", is_flag=False, flag_value=DEFAULT_GRID, metavar="[GRID]", help=GRID_HELP)
@click.option("--select", is_flag=True, help=SELECT_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest (and the grid) as JSON and nothing else.")
def train(
    prices: Path,
    symbol: str,
    out: Path | None,
    calendar: str | None,
    features: str | None,
    as_json: bool,
    price_form: PriceForm,
    **asked: Any,
) -> None:
    """Train a bundle from PRICES, a CSV file in the Yahoo format, and save it as the next version of a model.

    Its columns are Date, Open, High, Low, Close, Volume and, optionally, Adj Close. The newest bars are the
    test rows; scaler and estimator see only what lies before them. The calendar decides which dates are sessions;
    `file` takes the file's own dates, and every day of their week mask after them. The first version of a model
    becomes its champion; `lockstep models promote` moves the alias to a later one.
    """
    application = find_application()
    model = out or _choose_out(application, symbol)
    check_model_folder(model)
    check_model_symbol(model, symbol)
    file = read_prices(prices, price_form)
    feature_set = load_feature_set(name_features(features or _choose_features(file), application), application)
    loaded = take_prices(file, calendar, feature_set.features)
    recipe = Recipe(model.resolve().name, symbol, loaded.source, feature_set, asked["test_rows"])
    recipe = msgspec.structs.replace(recipe, application=application, interval=asked["interval"])
    target = name_features(asked["target"], application)
    choices = Choices(
        application, target, asked["horizon_bars"], asked["estimator"], asked["scaler"], asked["grid"], asked["select"]
    )
    recipe, found = complete_recipe(recipe, loaded, choices)
    trained = train_bundle(loaded.bars, loaded.calendar, recipe)
    folder = save_bundle(model, trained.manifest, trained.files)
    if as_json:
        click.echo(msgspec.json.encode({"manifest": trained.manifest, "grid": found}))
    else:
        print_trained(Console(soft_wrap=True, markup=False), loaded, Report(trained, recipe, found, folder))


def _choose_features(file: PriceFile) -> str:
    """Return the feature set that is taken without `--features`, and say so if it is not the default one."""
    if fault := find_volume_fault(file.cells):
        click.echo(f"{fault}, so the feature set is one that reads none: --features {WITHOUT_VOLUME}", err=True)
        return WITHOUT_VOLUME
    return DEFAULT_FEATURE_SET


def _choose_out(application: Application, symbol: str) -> Path:
    if application.is_packaged:
        raise click.UsageError(
            f"no lockstep.toml here or above: say where the bundle goes with --out DIR, such as --out models/x. {INIT}"
        )
    try:
        check_name(symbol.lower())
    except InvalidBundle as error:
        models = application.models.name
        raise click.UsageError(f"{error}. Call the model something else: --out {models}/NAME") from error
    return application.models / symbol.lower()


def name_features(asked: str, application: Application) -> str:
    """Return the name by which a bundle finds the set again: the path of a file from the application's folder on."""
    path, colon, attribute = asked.partition(":")
    if not path.endswith(".py"):
        return asked
    return f"{os.path.relpath(Path(path).resolve(), application.folder.resolve())}{colon}{attribute}"
