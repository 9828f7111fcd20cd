"""`lockstep forecast`: the next forecast of a model, without a service."""

from pathlib import Path

import click

from lockstep.bundles.choosing import find_named_version
from lockstep.bundles.loading import Selection, load_registry
from lockstep.cli.forecasted import FORMS, Form, print_newest
from lockstep.cli.newest import Asked, answer_newest
from lockstep.cli.numbers import Count, Level
from lockstep.cli.one_series import SYMBOL_HELP
from lockstep.cli.price_options import price_options, read_prices
from lockstep.data.price_files.form import PriceForm

EPILOG = """Exit codes: 0 a forecast; 1 a model or a file that cannot be used; 2 a wrong option.
Example: lockstep forecast msft NEWER.csv"""


@click.command(epilog=EPILOG)
@click.argument("model")
@click.argument("prices", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--symbol", help=SYMBOL_HELP)
@click.option("--rows", "n_rows", type=Count(5), default=1, show_default=True, help="Newest bars to forecast.")
@click.option(
    "--level", "levels", multiple=True, type=Level(), metavar="PERCENT",
    help="The level of an interval; repeatable. Default: 80, if the model has intervals.",
)  # fmt: skip
@price_options
@click.option("--json", "form", flag_value="json", type=click.Choice(FORMS), help="Print one JSON object.")
@click.option("--csv", "form", flag_value="csv", type=click.Choice(FORMS), help="Print the forecasts as CSV.")
def forecast(
    model: str,
    prices: Path | None,
    symbol: str | None,
    n_rows: int,
    levels: tuple[int, ...],
    form: Form | None,
    price_form: PriceForm,
) -> None:
    """Print what MODEL forecasts from its newest bar, or from the newest bar in PRICES.

    MODEL is a model of the application, NAME or NAME/VERSION, or the folder of a model or of a version. PRICES is a
    price file as `lockstep train` reads it. If it has as many bars as a forecast reads, they stand alone; else the
    model's own bars reach back, and the file's prices have to be adjusted as those are.

    The numbers are to the bit those of `POST /v1/forecast`.
    """
    registry = load_registry(Selection([find_named_version(model)]))
    file = read_prices(prices, price_form) if prices else None
    print_newest(answer_newest(registry, Asked(model, file, symbol, n_rows, levels or None)), form)
