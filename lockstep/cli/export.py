"""`lockstep export`: write a version for another tool."""

import shlex
from pathlib import Path

import click

from lockstep.bundles.choosing import choose_version
from lockstep.bundles.reading import load_bundle
from lockstep.bundles.selfcheck import check_evaluation
from lockstep.exporting.mlflow_model import write_model

NEXT = """next   mlflow models serve -m {folder} --env-manager local -p 8080
       lockstep parity http://127.0.0.1:8080 --bundle {bundle} --door mlflow"""


@click.group(epilog="Example: lockstep export mlflow exported")
def export() -> None:
    """Write a version as a model of another tool, which then answers with Lockstep's own prediction."""


@export.command(epilog="Example: lockstep export mlflow exported --bundle models/msft")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--bundle", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the version, or of the model, whose champion is meant.",
)  # fmt: skip
@click.option("--model", help="A model of the application instead; default: its default model.")
@click.option("--version", help="The version, a number or an alias; default: champion.")
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
