"""`lockstep drift`: say whether a model still forecasts as it was evaluated."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from lockstep.bundles.choosing import find_named_version
from lockstep.cli.one_series import SYMBOL_HELP, load_one_series
from lockstep.cli.price_options import price_options, say_reading
from lockstep.cli.refusing import print_refusal
from lockstep.data.price_files.form import PriceForm
from lockstep.drift.filed_bars import read_filed_bars
from lockstep.drift.report import Coverage, DriftReport
from lockstep.drift.sources import BundleSource, Source, find_served
from lockstep.drift.watching import watch
from lockstep.errors import InvalidInput, LockstepError, UnknownModel
from lockstep.parity.address import EXAMPLE, BadAddress, suggest_address
from lockstep.parity.answers import ServiceError
from lockstep.parity.client import ServiceClient

UNUSABLE, NO_SERVICE = 2, 4
IS_URL = "://"
EVIDENCE = (
    "evidence: the most that a stake of 1 has grown to, bet on rows that are worse than the evaluated ones.\n"
    "A model that is as evaluated seldom wins: from the number `alarm at` on, the model has left its evaluation."
)
EPILOG = """Exit codes: 0 as evaluated; 1 the model has left its evaluation; 2 too little to compare, other prices
than those of the training, or a file, model or option that cannot be used; 4 unreachable, or no service that takes
the key.
Example: lockstep drift models/msft NEWER.csv"""


@click.command(epilog=EPILOG)
@click.argument("source", metavar="URL|MODEL")
@click.argument("prices", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--model", help="A model of the service; default: its default model.")
@click.option("--version", help="The version, a number or an alias; default: champion.")
@click.option("--symbol", help=SYMBOL_HELP)
@click.option("--api-key", envvar="LOCKSTEP_API_KEY", help="Sent as x-api-key; better in LOCKSTEP_API_KEY.")
@price_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON and nothing else.")
def drift(
    source: str,
    prices: Path,
    model: str | None,
    version: str | None,
    symbol: str | None,
    api_key: str | None,
    as_json: bool,
    price_form: PriceForm,
) -> None:
    """Compare the forecasts of the newer bars in PRICES with the evaluation of a model.

    The model is that of the service at URL, or MODEL: a model of the application, NAME or NAME/VERSION, or the folder
    of a model or of a version. PRICES is a price file as `lockstep train` reads it, adjusted as the training file was.
    It needs bars that are newer than the model's own, and should have the 200 before them as well, which show whether
    the prices are still the same.

    Reported are the coverage of the intervals, the error beside that of the naive forecast, features outside the range
    that was learned, and a sequential test. Run it as often as you like, after every bar: over all runs together, a
    model that is as evaluated raises an alarm in at most 5 of 100 cases.
    """
    with _ending_unusable():
        file = read_filed_bars(prices, price_form)
        say_reading(prices.name, "; ".join(file.said))
        report = watch(_find_source(source, _Asked(model, version, symbol), api_key), file)
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        _print(Console(soft_wrap=True, markup=False, highlight=False), report)
    sys.exit(report.exit_code)


@dataclass(frozen=True)
class _Asked:
    """The version and the series that are to be watched."""

    model: str | None
    version: str | None
    symbol: str | None


def _find_source(source: str, asked: _Asked, api_key: str | None) -> Source:
    if IS_URL in source:
        try:
            return find_served(ServiceClient(source, api_key), asked.model, asked.version, asked.symbol)
        except BadAddress as error:
            raise click.UsageError(f"{error}. Example: lockstep drift {EXAMPLE} PRICES.csv") from error
    if asked.model is not None:
        raise click.UsageError("--model names a model of a service; of a folder, name the model's own")
    folder = _find_folder(source, asked.version)
    return BundleSource(load_one_series(folder, asked.symbol), int(folder.resolve().name))


def _find_folder(source: str, version: str | None) -> Path:
    try:
        return find_named_version(source, version)
    except UnknownModel as error:
        if ":" not in source:
            raise
        advice = f"Example: lockstep drift {suggest_address(source)} PRICES.csv"
        raise click.UsageError(f"the address of a service begins with http:// or https://. {advice}") from error


@contextmanager
def _ending_unusable() -> Iterator[None]:
    """End with 2 or 4 where nothing can be compared: 1 is for a model that has left its evaluation."""
    try:
        yield
    except ServiceError as error:
        click.echo(f"Error: {error}\nSee that the service runs, and that LOCKSTEP_API_KEY has its key.", err=True)
        sys.exit(NO_SERVICE)
    except InvalidInput as error:
        print_refusal(error)
        sys.exit(UNUSABLE)
    except (LockstepError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(UNUSABLE)


def _print(console: Console, report: DriftReport) -> None:
    console.print(report.says)
    console.print(_compare(report))
    if report.tests:
        console.print(_list_tests(report))
    if report.features:
        for each in report.features.worst:
            learned, new = (f"{low:.4g} … {high:.4g}" for low, high in (each.learned, each.new))
            console.print(
                f"feature  {each.name}: {100 * each.share:.1f} % of the new rows outside {learned}; they have {new}"
            )
    console.print(f"prices   {report.overlap.says}")
    for note in report.notes:
        console.print(f"note     {note}")


def _compare(report: DriftReport) -> Table:
    counts = f"{report.evaluated_rows} rows of the evaluation, {report.scored_rows} since, {report.new_bars} new bars"
    table = Table("", title=f"{report.model}, {report.symbol}: {counts}")
    for heading in ("evaluation", "since", "by chance"):
        table.add_column(heading, justify="right")
    for each in report.coverage:
        table.add_row(f"coverage of {each.level} %", f"{each.evaluated:.3f}", _show(each.new, 3), _show_chance(each))
    errors = report.errors
    table.add_row("error of the model", _show(errors.evaluated, 5), _show(errors.new, 5), "")
    table.add_row("error of the naive forecast", _show(errors.evaluated_naive, 5), _show(errors.new_naive, 5), "")
    table.add_row("model / naive", *(_show(ratio, 3) for ratio in errors.ratios), "")
    if features := report.features:
        shares = (_show(features.evaluated_share, 3), _show(features.share, 3))
        table.add_row("rows with a feature out of range", *shares, "")
    return table


def _show_chance(found: Coverage) -> str:
    """Return the band that chance leaves, and whether the coverage is outside."""
    if found.chance is None or found.new is None:
        return ""
    lower, upper = found.chance
    return f"{lower:.3f} … {upper:.3f}{'' if lower <= found.new <= upper else ', outside'}"


def _list_tests(report: DriftReport) -> Table:
    table = Table("test", title="evidence against the evaluation", caption=EVIDENCE, caption_justify="left")
    for heading in ("evaluation", "since", "evidence", "alarm at", "alarm"):
        table.add_column(heading, justify="right")
    for test in report.tests:
        means = (f"{test.evaluated:.3f}", f"{test.new:.3f}")
        table.add_row(test.name, *means, f"{test.evidence:.3g}", f"{test.alarm_at:g}", test.alarm or "none")
    return table


def _show(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
