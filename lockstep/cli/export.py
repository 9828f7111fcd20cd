"""`lockstep export`: write a version for another tool."""

import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from lockstep.bundles.choosing import choose_version
from lockstep.bundles.panels.bundle import PanelBundle
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.bundles.series import SeriesBundle, as_series
from lockstep.cli.numbers import Level
from lockstep.cli.one_series import SYMBOL_HELP, load_one_series
from lockstep.cli.tracking import track_series
from lockstep.exporting.mlflow_model import write_model
from lockstep.exporting.nixtla import PARQUET, build_frame, join_frames, write_frame

NEXT = """next   mlflow models serve -m {folder} --env-manager local -p 8080
       lockstep parity http://127.0.0.1:8080 --bundle {bundle} --door mlflow"""
CHOOSING = (
    click.option(
        "--bundle", type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The folder of the version, or of the model, whose champion is meant.",
    ),
    click.option("--model", help="A model of the application instead; default: its default model."),
    click.option("--version", help="The version, a number or an alias; default: champion."),
)  # fmt: skip
"""The options that say which version is written."""


def _choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(CHOOSING):
        command = option(command)
    return command


@click.group(epilog="Example: lockstep export mlflow exported")
def export() -> None:
    """Write a version, or its evaluation, for another tool."""


@export.command(epilog="Example: lockstep export mlflow exported --bundle models/msft")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@_choosing
def mlflow(folder: Path, bundle: Path | None, model: str | None, version: str | None) -> None:
    """Write a version into DIR, a new or empty folder, as an MLflow model of the flavor python_function.

    The folder holds the bundle, the feature set that it runs, a signature, an input example, and what has to be
    installed. MLflow needs this library to load it, and loads it only if it reproduces its evaluation.
    """
    found = choose_version(bundle, model, version).folder
    loaded = load_bundle(found)
    check_evaluation(loaded)
    written = write_model(loaded, found, folder)
    click.echo(f"wrote  {len(written)} files into {folder}")
    click.echo(NEXT.format(folder=shlex.quote(str(folder)), bundle=shlex.quote(str(found))))


@export.command(epilog="Example: lockstep export nixtla msft.csv --bundle models/msft --level 80 --level 95")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_choosing
@click.option(
    "--level", "levels", multiple=True, type=Level(), metavar="PERCENT",
    help="Write the interval of this level; repeatable. Default: the levels of the evaluation.",
)  # fmt: skip
@click.option("--symbol", help=f"{SYMBOL_HELP} Default: all of them.")
@click.option("--prices", is_flag=True, help="Write closes, adjusted as the stored ones, not gross returns.")
def nixtla(
    file: Path,
    bundle: Path | None,
    model: str | None,
    version: str | None,
    levels: tuple[int, ...],
    symbol: str | None,
    prices: bool,
) -> None:
    """Write the evaluation of a version into FILE, as the cross-validation frame of Nixtla's tools.

    FILE ends in .csv or .parquet. It has a row for each test row that came true, of a model of many series of all of
    them: unique_id (the symbol), ds (the date that is forecast), cutoff (the newest bar before), y, a column with the
    model's name, naive, and NAME-lo-80 and NAME-hi-80 for each level. `utilsforecast.evaluation.evaluate` then gives
    the scores of the evaluation.
    """
    if file.suffix.lower() not in (".csv", PARQUET):
        raise click.BadParameter(f"{file} ends neither in .csv nor in {PARQUET}", param_hint="FILE")
    series = _list_series(choose_version(bundle, model, version).folder, symbol)
    frame = join_frames([build_frame(each, levels or None, prices=prices) for each in series])
    write_frame(frame, file)
    click.echo(f"wrote  {file}: {len(frame['y'])} rows, {', '.join(frame)}")


def _list_series(folder: Path, symbol: str | None) -> Iterator[SeriesBundle]:
    """Yield the series of a version, checked: the one that is named, else all that there are."""
    loaded = load_bundle(folder) if symbol is None else load_one_series(folder, symbol)
    if isinstance(loaded, PanelBundle):
        series: Iterable[SeriesBundle] = map(loaded.pick, track_series(loaded.index.symbols))
    else:
        series = [as_series(loaded)]
    for each in series:
        check_evaluation(each)
        yield each
