"""`lockstep models reseal`: an exact form in today's layout."""

from pathlib import Path

import click

from lockstep.bundles.finding import find_version
from lockstep.cli.folders import find_writable


@click.command(epilog="Example: lockstep models reseal msft")
@click.argument("name")
@click.option("--version", help="A number or an alias; default: champion.")
@click.pass_obj
def reseal(folder: Path | None, name: str, version: str | None) -> None:
    """Save a version of the model NAME again, as its next version, with its exact form in the newest layout.

    The library reads the newest layout and the one before it. The pickles and the evaluation stay the same bytes.
    """
    from lockstep.bundles.reading import load_bundle  # slow to import, and listing needs none of it
    from lockstep.bundles.saving import save_bundle
    from lockstep.training.resealing import reseal_bundle

    model = find_writable(folder, name)
    resealed = model / str(find_version(model, version))
    saved = save_bundle(model, *reseal_bundle(resealed, load_bundle(resealed)))
    click.echo(f"{resealed} -> {saved}")
    click.echo(f"next  lockstep models promote {name} {saved.name}")
