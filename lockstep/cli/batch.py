"""`lockstep batch`: many series forecast, backtested or trained."""

import sys
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from lockstep.batch.job import Format, Job, Kind, pin_symbols
from lockstep.batch.running import Place, Summary, refuse_same_names, run
from lockstep.batch.table import check_format
from lockstep.bundles.choosing import find_named_version
from lockstep.bundles.loading import Selection, load_registry
from lockstep.cli.interrupts import interrupt_once
from lockstep.cli.numbers import Count, Level
from lockstep.cli.price_options import price_options, say_reading
from lockstep.data.panel.finding import find_panel
from lockstep.data.panel.sources import Panel, describe_reading
from lockstep.data.price_files.form import PriceForm
from lockstep.errors import InvalidBundle
from lockstep.scoring.score import SERIES

BAD_SERIES, INTERRUPTED = 3, 130
MAX_SHOWN = 10
EPILOG = """Exit codes: 0 every series is done; 1 the run could not go on; 2 a wrong option; 3 done, but some series are
bad; 130 interrupted. Whatever the end, finished partitions are kept, and the same command goes on with the others.
Example: lockstep batch msft prices/ --out forecasts"""
JOB_HELP = (
    "`forecast`, the newest row of each series; `backtest`, its scores as POST /v1/backtest answers them; `train`, "
    "a model of each series by the recipe of MODEL."
)
ADDRESS_HELP = "Run on the Ray cluster at this address (`auto`, ray://…, `local`) instead of processes of this machine."


@click.command(epilog=EPILOG)
@click.argument("model")
@click.argument("series", metavar="INPUT", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder of the output."
)
@click.option("--job", "kind", type=click.Choice(get_args(Kind)), default="forecast", show_default=True, help=JOB_HELP)
@click.option("--all-rows", is_flag=True, help="Write every row of a forecast or a backtest.")
@click.option(
    "--level", "levels", multiple=True, type=Level(), metavar="PERCENT",
    help="The level of an interval; repeatable. Default: 80, if the model has intervals.",
)  # fmt: skip
@click.option(
    "--format",
    "file_format",
    type=click.Choice(get_args(Format)),
    default="parquet",
    show_default=True,
    help="Of the tables.",
)
@click.option("--version", help="The version of MODEL, a number or an alias; default: champion.")
@click.option("--workers", type=Count(2), help="How many processes; default: one for each core.")
@click.option("--address", help=ADDRESS_HELP)
@price_options
def batch(
    model: str, series: Path, out: Path, kind: Kind, all_rows: bool, levels: tuple[int, ...], file_format: Format,
    version: str | None, workers: int | None, address: str | None, price_form: PriceForm,
) -> None:  # fmt: skip
    """Forecast, backtest or train the series in INPUT by MODEL, and write tables of them into the folder OUT.

    MODEL is a model of the application, NAME or NAME/VERSION, or the folder of a model or of a version. INPUT is a
    folder of price files (SYMBOL.csv, SYMBOL.parquet or folders symbol=SYMBOL), or one long frame in CSV or Parquet
    with the column symbol. A bad series does not end the run: OUT/bad.csv lists it, with the reason.
    """
    if kind == "train" and (all_rows or levels):
        raise click.UsageError("--all-rows and --level are for forecasts and backtests; leave them out")
    check_format(file_format)
    folder = find_named_version(model, version).resolve()
    panel = find_panel(series, price_form)
    say_reading(series.name, describe_reading(panel))
    panel = refuse_same_names(panel) if kind == "train" else panel
    job = Job(
        kind, str(folder), _check_model(folder), str(series.resolve()), all_rows, levels or None, file_format,
        len(panel.sources), pin_symbols(panel.sources), form=price_form,
    )  # fmt: skip
    place = Place(workers, address)
    interrupt_once()
    sys.exit(_run(out, job, panel, place))


def _check_model(folder: Path) -> str:
    """Return the digest of a model of one series or of many, which has to reproduce its evaluation here."""
    manifest = load_registry(Selection([folder])).default.bundle.manifest
    if manifest.kind not in SERIES:
        raise InvalidBundle(f"{folder} is a model of a {manifest.kind}; expected one of a series, or of many")
    return manifest.digest


def _run(out: Path, job: Job, panel: Panel, place: Place) -> int:
    """Run a job with a progress bar, and return the exit code."""
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    try:
        with _show_progress(console) as progress:
            task = progress.add_task(job.kind, total=job.series)
            summary = run(out, job, panel, place, lambda outcome: progress.advance(task, outcome.series))
    except KeyboardInterrupt:
        console.print(f"interrupted; what is finished is kept. Go on with: {job.write_command(out)}")
        return INTERRUPTED
    _print_summary(console, summary)
    return BAD_SERIES if summary.bad else 0


class SeriesRate(ProgressColumn):
    """How many series are done in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate of late."""
        return Text("" if task.speed is None else f"{task.speed:,.0f} series/s")


def _show_progress(console: Console) -> Progress:
    counted = (BarColumn(), MofNCompleteColumn(), TextColumn("series"), SeriesRate(), TimeRemainingColumn())
    return Progress(TextColumn("{task.description}"), *counted, console=console)


def _print_summary(console: Console, summary: Summary) -> None:
    folder = summary.folder
    for each in summary.bad[:MAX_SHOWN]:
        console.print(f"bad  {each.symbol}: {each.reason}")
    if (more := len(summary.bad) - MAX_SHOWN) > 0:
        console.print(f"bad  and {more} more")
    bad = f"; {len(summary.bad)} are bad: see {folder.bad}" if summary.bad else ""
    kept = f" ({summary.kept} were finished before)" if summary.kept else ""
    console.print(f"{summary.done} of {summary.done + len(summary.bad)} series done in {folder.tables}{bad}{kept}")
