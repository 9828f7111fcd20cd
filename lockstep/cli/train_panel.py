"""`lockstep train-panel`: from the prices of many series to one bundle."""

from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import Progress

from lockstep.applications import find_application
from lockstep.bundles.entries import RETURN
from lockstep.bundles.saving import check_model_folder
from lockstep.cli.choices import Choices, choose_model
from lockstep.cli.numbers import Count
from lockstep.cli.price_options import price_options, say_reading
from lockstep.cli.steps import Steps
from lockstep.cli.train import (
    ESTIMATOR_HELP,
    FEATURES_HELP,
    INTERVAL_HELP,
    SCALER_HELP,
    TARGET_HELP,
    name_features,
)
from lockstep.cli.trained_panel import print_trained_panel
from lockstep.data.price_files.form import PriceForm
from lockstep.features.loading import load_feature_set
from lockstep.training.panel.learning import DEFAULT_LEARNING_ROWS
from lockstep.training.panel.prices import Input, load_panel_prices
from lockstep.training.panel.training import train_panel as train_bundle
from lockstep.training.recipe import DEFAULT_FEATURE_SET, Recipe

EXAMPLE = "Example: lockstep train-panel prices/ --out models/panel"
CALENDAR_HELP = (
    "The calendar of all series: an exchange (XNYS, XLON, … or 24/7), or `file` for the dates of all series together. "
    "A series without a bar on a session between its first and its last is left out. Default: XNYS, if more than half "
    "of the series have no other dates."
)
TEST_ROWS_HELP = (
    "Newest sessions, to evaluate every series on. Default: 961, but at most a third of the usable bars of the median "
    "series."
)
LEARNING_ROWS_HELP = "Most learning rows of all series together; of more, so many are drawn, the same each time."


@click.command("train-panel", epilog=EXAMPLE)
@click.argument("prices", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the model that gets the bundle as its next version, such as models/panel.",
)  # fmt: skip
@click.option("--target", default=RETURN, show_default=True, help=TARGET_HELP)
@click.option(
    "--horizon", "horizon_bars", type=Count(5), default=1, show_default=True, help="Bars ahead of the newest."
)
@click.option("--estimator", help=ESTIMATOR_HELP)
@click.option("--scaler", help=SCALER_HELP)
@click.option("--test-rows", type=Count(250), help=TEST_ROWS_HELP)
@click.option(
    "--learning-rows", type=Count(DEFAULT_LEARNING_ROWS), default=DEFAULT_LEARNING_ROWS, show_default=True,
    help=LEARNING_ROWS_HELP,
)  # fmt: skip
@click.option(
    "--interval", type=click.Choice(["auto", "none", "experimental"]), default="auto", show_default=True,
    help=INTERVAL_HELP,
)  # fmt: skip
@click.option("--calendar", help=CALENDAR_HELP)
@price_options
@click.option("--features", default=DEFAULT_FEATURE_SET, show_default=True, help=FEATURES_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest and what was left out as JSON, nothing else.")
def train_panel(
    prices: Path, out: Path, calendar: str | None, features: str, as_json: bool, price_form: PriceForm, **asked: Any
) -> None:
    """Train one model on all series of PRICES, and save it with them as the next version of a model.

    PRICES is a folder of price files called after their symbols, such as MSFT.csv or MSFT.parquet, or one CSV or
    Parquet file with a column `symbol`. The newest sessions are the test rows of every series; scaler and estimator
    see only what lies before them. A series that cannot be used is left out and listed at the end with the reason.
    """
    application = find_application()
    check_model_folder(out)
    feature_set = load_feature_set(name_features(features, application), application)
    with Progress(console=Console(stderr=True)) as progress:
        shown = Steps(progress)
        loaded = load_panel_prices(Input(prices, price_form), calendar, feature_set.features, shown)
        say_reading(prices.name, loaded.said)
        recipe = Recipe(out.resolve().name, "", loaded.source, feature_set, asked["test_rows"])
        recipe = msgspec.structs.replace(recipe, application=application, interval=asked["interval"])
        target = name_features(asked["target"], application)
        choices = Choices(application, target, asked["horizon_bars"], asked["estimator"], asked["scaler"], None)
        recipe = choose_model(recipe, next(iter(loaded.series.values())), choices)
        trained = train_bundle(out, loaded, recipe, asked["learning_rows"], shown)
    bad = [*loaded.bad, *trained.split.bad]
    if as_json:
        click.echo(msgspec.json.encode({"manifest": trained.manifest, "left_out": bad}))
    else:
        print_trained_panel(Console(soft_wrap=True, markup=False), trained, bad)
